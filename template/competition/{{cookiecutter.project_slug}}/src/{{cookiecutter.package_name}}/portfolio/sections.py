"""The chapters of the page in their order: each says what it knows, or what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from markupsafe import Markup

from ..exhibits import Exhibit, Input
from . import charts, judge
from .facts import Facts
from .figure import Figure

# What a machine draws under load: a usual desktop processor, a usual data-centre GPU.
_WATTS = {"cpu": 65, "cuda": 300, "mps": 30}
_SHOWN = 8  # examples


@dataclass
class Section:
    """A chapter: its heading, its sentences, and what it shows."""

    key: str
    title: str
    text: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    tables: list[tuple[str, pl.DataFrame]] = field(default_factory=list)
    galleries: list[tuple[str, str, Sequence[tuple[str, Input]]]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    markdown: str = ""


def value(number: float, form: str = ".5f", key: str = "") -> Markup:
    """A number as the page shows it, with all its digits for a program that reads it."""
    name = Markup(' id="{}"').format(key) if key else ""
    return Markup('<data value="{}"{}>{}</data>').format(repr(number), name, format(number, form))


def say(text: str, *parts: Any) -> Markup:
    """A sentence in which every part is escaped."""
    return Markup(text).format(*parts)


def problem(facts: Facts) -> Section:
    """What was to be done, in two sentences."""
    contract, metric = facts.contract, facts.contract.scoring
    rows = f"{contract.rows:,}"
    kind = {
        "classification": f"which of {len(contract.classes)} classes each of {rows} rows belongs to",
        "multilabel": f"which of {len(contract.classes)} labels each of {rows} rows has",
        "regression": f"for {', '.join(contract.target_columns)} of each of {rows} rows",
    }[contract.problem]
    better = "higher" if metric.maximize else "lower"
    return Section(
        "problem",
        "The problem",
        [
            say(
                "The Kaggle competition <a href='https://www.kaggle.com/competitions/{}'>{}</a> asks "
                "{}.",
                contract.slug,
                contract.title,
                kind,
            ),
            say("Answers are scored by {}: {} is better.", metric.name, better),
        ],
    )


def standing(facts: Facts) -> Section:
    """Score, rank and percentile, on the leaderboard's spread."""
    made = Section("standing", "Where it stands")
    entry, board, metric = facts.headline, facts.leaderboard, facts.contract.metric
    if not entry:
        made.text.append("No submission has a score yet, so there is no place on the leaderboard.")
        return made
    made.text.append(say("The public score is {}.", value(entry["public"], key="public")))
    if entry["private"] is not None:
        made.text.append(say("The private score is {}.", value(entry["private"], key="private")))
    if entry["rank"]:
        made.text.append(
            say(
                "That is rank {} of {} teams, within the best {} %, when it was sent.",
                value(entry["rank"], "d", "rank"),
                value(entry["teams"], "d"),
                value(percentile(entry), ".1f", "percentile"),
            )
        )
    else:
        made.text.append("The rank is not known.")
    if board.get("scores"):
        ours = entry["private"] if board["private"] else entry["public"]
        made.figures.append(charts.leaderboard(metric, board["scores"], ours))
        made.text.append(say("The leaderboard was read on {}.", board["time"][:10]))
    else:
        made.text.append("The leaderboard was not read, so its spread is not shown.")
    return made


def percentile(entry: dict[str, Any]) -> float:
    """Within the best how many per cent of the teams an entry lies."""
    return 100.0 * entry["rank"] / entry["teams"]


def validation(facts: Facts) -> Section:
    """The out-of-fold score with its spread, and what the leaderboard said to it."""
    made = Section("validation", "Cross-validation")
    cv = facts.cv
    if cv:
        folds = pl.Series(cv["folds"], dtype=pl.Float64)
        made.text.append(
            say(
                "Out of fold, {} is {} over {} rows, each answered by models that never saw it.",
                cv["metric"],
                value(cv["score"], key="cv"),
                value(cv["rows"], ",d", "cv-rows"),
            )
        )
        made.text.append(
            say(
                "Between {} folds it has a standard deviation of {}.",
                len(folds),
                value(float(folds.std() or 0), key="cv-spread"),
            )
        )
        made.figures.append(charts.fold_scores(cv["metric"], cv["folds"], cv["score"]))
    else:
        made.text.append("Nothing is predicted out of fold yet.")
    sent = [e for e in facts.ledger if e["state"] == "complete"]
    if sent:
        made.figures.append(charts.ledger(facts.contract.metric, sent))
    return made


def data(facts: Facts, examples: Sequence[tuple[str, Input]]) -> Section:
    """Counts, classes, examples, and what was left out."""
    made = Section("data", "The data")
    counted = facts.prepared
    if facts.train is None:
        made.text.append("The data is not prepared yet.")
        return made
    made.text.append(
        say(
            "{} rows with answers to learn from, in {} folds ({}), and {} rows to answer.",
            value(facts.train.height, ",d", "rows"),
            facts.folds,
            counted["fold_kind"],
            f"{facts.contract.rows:,}",
        )
    )
    known = {"dropped_without_label": "rows without a label were left out"}
    known |= {"duplicates": "rows are the same as another one, and share its fold"}
    known |= {"train_broken": "inputs could not be read and were left out"}
    known |= {"train_missing": "inputs were missing and were left out"}
    dropped = [f"{counted[key]:,} {words}" for key, words in known.items() if counted.get(key)]
    made.text.append("; ".join(dropped).capitalize() + "." if dropped else "Nothing was left out.")
    for column in facts.contract.target_columns[:4]:
        made.figures.append(charts.counts(column, facts.train[column]))
    if examples:
        made.galleries.append(("Examples", "Rows of the training data.", examples))
    return made


def training(facts: Facts) -> Section:
    """The learning curves of every fold."""
    made = Section("training", "Training")
    for member in facts.members:
        table = facts.curves.filter(pl.col("member") == member)
        if table.is_empty():
            made.text.append(say("Of member {}, no learning curve was kept.", member))
            continue
        for name in sorted(set(table["name"]), key=lambda n: ("loss" in n, n)):
            title = f"{name.replace('/', ' ')} of {member}"
            made.figures.append(charts.curves(table, name, title))
    return made


def errors(facts: Facts) -> Section:
    """Which mistakes are made, and whether the model knows when it is unsure."""
    made = Section("errors", "Mistakes and confidence")
    contract, oof = facts.contract, facts.oof
    if oof is None:
        made.text.append("There are no out-of-fold predictions yet to look for mistakes in.")
        return made
    if contract.problem == "regression":
        for target in range(min(len(contract.target_columns), 4)):
            made.figures.append(charts.residuals(contract, oof, target))
        return made
    if contract.problem == "classification":
        found = judge.confusion(contract, *judge.matrices(oof))
        if len(found) <= charts.MOST_CLASSES:
            made.figures.append(charts.confusion(contract, oof))
        made.tables.append(("Each class", judge.by_class(contract, oof)))
    else:
        made.tables.append(("Each label", judge.by_class(contract, oof)))
    made.figures.append(charts.calibration(contract, oof))
    return made


def predictions(facts: Facts, galleries: dict[str, list[tuple[str, Input]]]) -> Section:
    """The best, the worst and the most surprising answers with their inputs."""
    made = Section("predictions", "Predictions, one by one")
    words = {
        "best": "The answers that cost least, one for each truth.",
        "worst": "The answers that cost most.",
        "surprising": "Mistakes of a kind that hardly ever happens.",
    }
    if facts.contract.problem == "regression":
        words["surprising"] = "Errors much larger than those of similar predictions."
    for key, sentence in words.items():
        if galleries.get(key):
            made.galleries.append((f"The {key}", sentence, galleries[key]))
    if not made.galleries:
        made.text.append("There is nothing to show yet: no out-of-fold predictions, or no inputs.")
    return made


def explanations(exhibits: Sequence[Exhibit]) -> Section:
    """What the task itself brings to explain its answers."""
    made = Section("explanations", "Why it answers so")
    if not exhibits:
        made.text.append("Nothing explains the answers: no trained fold, or no way to for this task.")
    for exhibit in exhibits:
        if exhibit.items:
            made.galleries.append((exhibit.title, exhibit.text, exhibit.items))
        if exhibit.bars:
            made.figures.append(
                charts.bars(exhibit.title, exhibit.text, list(exhibit.bars), "importance")
            )
    return made


def ensemble(facts: Facts) -> Section:
    """The members and their weights."""
    made = Section("ensemble", "The ensemble")
    members = facts.metrics.get("members", {})
    if not members:
        made.text.append("No member has predicted anything yet.")
        return made
    rows = [
        {
            "member": name,
            "weight": member["weight"],
            facts.contract.metric: member["score"],
            "folds": f"{len(member['trained'])} of {facts.folds}",
        }
        for name, member in members.items()
    ]
    if len(rows) == 1:
        made.text.append("One member: nothing is blended.")
    else:
        made.text.append("The weights were fitted on out-of-fold predictions (Caruana, 2004).")
        pairs = [(name, member["weight"]) for name, member in members.items()]
        text = "How much each member counts in the blend."
        made.figures.append(charts.bars("Weights", text, pairs, "weight"))
    made.tables.append(("Members", pl.DataFrame(rows)))
    return made


def ablations(facts: Facts) -> Section:
    """What was tried with `dvc exp`."""
    made = Section("ablations", "What was tried")
    if facts.experiments:
        made.text.append("Experiments run by DVC, with what each changed.")
        made.tables.append(("Experiments", pl.DataFrame(facts.experiments)))
    else:
        made.text.append("No experiment was run by <code>dvc exp run</code>.")
        made.text[-1] = Markup(made.text[-1])
    return made


def cost(facts: Facts) -> Section:
    """Time, machine, and an estimate of the energy."""
    made = Section("cost", "What it cost")
    if not facts.runs:
        made.text.append("Nothing is trained yet.")
        return made
    seconds = sum(run["seconds"] for run in facts.runs)
    joules = sum(
        run["seconds"] * run["devices"] * _WATTS.get(run["device"], 65) for run in facts.runs
    )
    machines = sorted({run.get("hardware") or run["device"] for run in facts.runs})
    made.text.append(
        say(
            "Training {} folds took {} minutes on {}.",
            len(facts.runs),
            value(seconds / 60, ".1f", "minutes"),
            ", ".join(machines),
        )
    )
    watts = sorted({f"{_WATTS.get(r['device'], 65)} W for a {r['device']}" for r in facts.runs})
    made.text.append(
        say(
            "That is about {} Wh of energy: an estimate from {}, nothing was measured.",
            value(joules / 3600, ".1f"),
            ", ".join(watts),
        )
    )
    return made


def limits(facts: Facts) -> Section:
    """What the author says it can't do."""
    made = Section("limits", "Limits", markdown=facts.notes)
    if not facts.notes:
        made.text.append("The author has written nothing about its limits yet.")
    return made


def reproduction(facts: Facts) -> Section:
    """How to get the same again."""
    made = Section("reproduction", "Reproduce it")
    entry = facts.headline
    commit = entry.get("commit") or facts.commit
    if commit:
        words = " with changes that were not committed" if entry.get("dirty") else ""
        made.text.append(say("Commit <code>{}</code>{}.", commit, words))
    if facts.raw:
        made.text.append(say("Raw data <code>{}</code>, as DVC hashes it.", facts.raw))
    used = {f"{k} {run[k]}" for run in facts.runs for k in ("torch", "lightning")}
    if used:
        made.text.append(say("Trained with {}; uv.lock pins the rest.", ", ".join(sorted(used))))
    name = facts.origin.rsplit("/", 1)[-1]
    start = [f"git clone {facts.origin}", f"cd {name}"] if facts.origin else []
    if facts.origin and commit:
        start.append(f"git checkout {commit}")
    made.commands = [*start, "uv sync", "uv run compete doctor", "uv run dvc repro"]
    if not facts.origin:
        made.text.append("The repository has no public address yet.")
    return made
