"""Gathers what there is to tell, each from the file that says so; what is missing stays empty."""

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from statistics import stdev
from typing import Any

import polars as pl

from ..competition import Contract
from ..errors import Fault
from ..files import (
    LEADERBOARD,
    MEMBERS,
    METRICS,
    NOTES,
    PREDICTIONS,
    PROCESSED,
    RUNS,
    git,
    read_yaml,
)

_KNOBS = ("competition.", "data.", "model.", "trainer.", "seed_everything")


@dataclass(frozen=True)
class Facts:
    """Everything that the page and the cards tell.

    Args:
        project: the section `project` of pyproject.toml.
        prepared: what `prepare` counted.
        metrics: what `predict` scored.
        train: the table of training rows, with their folds.
        oof: the blend's out-of-fold predictions.
        members: the members of the ensemble by name.
        runs: for each finished fold what its run wrote down, with `member` and `fold`.
        curves: `member, fold, epoch, name, value` of what was logged while training.
        ledger: the submissions, oldest first.
        leaderboard: the scores on it, best first, and when they were read.
        experiments: what DVC's experiments changed, and their scores.
        notes: the author's words, in Markdown.
        origin: the address of the repository, without credentials.
        raw: DVC's hash of the raw data.
    """

    contract: Contract
    project: dict[str, Any]
    prepared: dict[str, Any]
    metrics: dict[str, Any]
    train: pl.DataFrame | None
    oof: pl.DataFrame | None
    members: list[str]
    runs: list[dict[str, Any]]
    curves: pl.DataFrame
    ledger: list[dict[str, Any]]
    leaderboard: dict[str, Any]
    experiments: list[dict[str, Any]]
    notes: str
    commit: str
    origin: str
    raw: str

    @property
    def cv(self) -> dict[str, Any]:
        """The cross-validation score with those of its folds, `{}` before `predict`."""
        found: dict[str, Any] = self.metrics.get("cv", {})
        return found

    @property
    def spread(self) -> float:
        """The standard deviation of the folds' scores; 0 of a single fold."""
        folds = self.cv.get("folds", [])
        return stdev(folds) if len(folds) > 1 else 0.0

    @property
    def headline(self) -> dict[str, Any]:
        """The scored submission that stands on the leaderboard: the one with the best public score,
        `{}` if none was scored."""
        scored = [e for e in self.ledger if e["state"] == "complete" and e["public"] is not None]
        mine = [e for e in scored if e["slug"] == self.contract.slug]
        sign = 1 if self.contract.scoring.maximize else -1
        return max(mine, key=lambda e: sign * e["public"], default={})

    @property
    def folds(self) -> int:
        """How many folds there are to train, for each member."""
        return int(self.prepared.get("folds", 0))

    def missing(self) -> list[str]:
        """In words, what is not done yet."""
        said = []
        for member in self.members:
            done = sum(run["member"] == member for run in self.runs)
            if done < self.folds:
                said.append(f"Of member {member}, {done} of {self.folds} folds are trained.")
        if not self.prepared:
            said.append("The data is not prepared.")
        if not self.cv:
            said.append("There are no predictions yet, so nothing is scored out of fold.")
        if not self.headline:
            waiting = any(e["state"] in ("sending", "pending") for e in self.ledger)
            said.append(
                "A submission waits for its score." if waiting else "Nothing was submitted yet."
            )
        return said


def gather(ledger: list[dict[str, Any]]) -> Facts:
    """Read it all in the project's folder. Raises `Fault` without a contract."""
    lock = _mapping(Path("dvc.lock")).get("stages", {}).get("download", {}).get("outs", [])
    runs = _runs()
    curves = [table for run in runs if (table := _curves(run)).height]
    blank = {"member": pl.String, "fold": pl.Int64, "epoch": pl.Int64, "name": pl.String}
    contract = Contract.load()
    board = _json(LEADERBOARD)
    return Facts(
        contract=contract,
        project=project_metadata(),
        prepared=_json(PROCESSED / "prepared.json"),
        metrics=_json(METRICS),
        train=_table(PROCESSED / "train.parquet"),
        oof=_predictions(contract),
        members=sorted(path.stem for path in MEMBERS.glob("*.yaml")),
        runs=runs,
        curves=pl.concat([pl.DataFrame(schema=blank | {"value": pl.Float64}), *curves]),
        ledger=ledger,
        leaderboard=board if board.get("slug") == contract.slug else {},
        experiments=_experiments(),
        notes=_notes(),
        commit=git("rev-parse", "HEAD"),
        origin=address(git("remote", "get-url", "origin")),
        raw=next((out["md5"] for out in lock if out["path"] == "data/raw"), ""),
    )


def project_metadata() -> dict[str, Any]:
    """The section `project` of pyproject.toml."""
    text = Path("pyproject.toml").read_text(encoding="utf-8")
    section: dict[str, Any] = tomllib.loads(text)["project"]
    return section


def _json(path: Path) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise Fault(f"{path} is not valid JSON.", "Run `uv run dvc repro` again.") from None
    return value


def _mapping(path: Path) -> dict[str, Any]:
    return read_yaml(path) if path.exists() else {}


def _table(path: Path) -> pl.DataFrame | None:
    return pl.read_parquet(path) if path.exists() else None


def _predictions(contract: Contract) -> pl.DataFrame | None:
    """The blend's out-of-fold predictions, unless they were made for another contract."""
    oof = _table(PREDICTIONS / "blend" / "oof.parquet")
    names = contract.classes or contract.target_columns
    return oof if oof is not None and {f"p_{name}" for name in names} <= set(oof.columns) else None


def _runs() -> list[dict[str, Any]]:
    """What the finished folds wrote down, with their configuration."""
    found = []
    for file in sorted(RUNS.glob("*/fold*/fold.json")):
        facts = _json(file)
        if facts.get("finished"):
            name = {"member": file.parts[-3], "fold": int(file.parts[-2].removeprefix("fold"))}
            found.append(facts | name | {"config": _mapping(file.with_name("config.yaml"))})
    return found


def _curves(run: dict[str, Any]) -> pl.DataFrame:
    """A fold's log; a resumed run has several files, of which the later ones speak."""
    folder = RUNS / run["member"] / f"fold{run['fold']}" / "csv"
    logs = sorted(folder.glob("*/metrics.csv"), key=lambda path: (len(path.parent.name), path))
    if not logs:
        return pl.DataFrame()
    table = pl.concat([pl.read_csv(path) for path in logs], how="diagonal_relaxed")
    names = [name for name in table.columns if name.startswith(("train/", "val/"))]
    return (
        table.unpivot(names, index="epoch", variable_name="name")
        .drop_nulls()
        .group_by("epoch", "name")
        .agg(pl.col("value").cast(pl.Float64).last())
        .sort("name", "epoch")
        .select(
            pl.lit(run["member"]).alias("member"),
            pl.lit(run["fold"], dtype=pl.Int64).alias("fold"),
            pl.col("epoch").cast(pl.Int64) + 1,
            "name",
            "value",
        )
    )


def _experiments() -> list[dict[str, Any]]:
    """DVC's experiments that have a score, with what each changed, and the score before."""
    refs = git("for-each-ref", "--sort=-creatordate", "--format=%(refname)", "refs/exps")
    # refs/exps/12/34.../NAME was tried on the commit 1234...
    found = re.findall(r"^refs/exps/([0-9a-f]{2})/([0-9a-f]{38})/", refs, re.MULTILINE)
    if not found:
        return []  # so most projects need not wait for DVC's import
    import dvc.api

    experiments, before = [], {}
    for row in dvc.api.exp_show(revs=list(dict.fromkeys(map("".join, found)))):
        if row["typ"] == "baseline":
            before = row
        elif (score := _score(row)) is not None:
            keys = [key for key in row if key.startswith(_KNOBS) and row[key] != before.get(key)]
            changes = ", ".join(f"{key}: {row[key]}" for key in keys) or "nothing"
            scores = {"score": score, "before": _score(before)}
            experiments.append({"experiment": row["Experiment"], "changed": changes, **scores})
    return experiments


def _score(row: dict[str, Any]) -> float | None:
    """An experiment's out-of-fold score; DVC writes a mark where there is none."""
    score = row.get("cv.score")
    return float(score) if isinstance(score, int | float) else None


def _notes() -> str:
    """The author's words, less the hints that the template left as comments."""
    text = NOTES.read_text(encoding="utf-8") if NOTES.exists() else ""
    return re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).strip()


def address(remote: str) -> str:
    """An address that a browser opens; a token inside it would be published."""
    plain = re.sub(r"^(?:ssh://)?git@([^:/]+)[:/]", r"https://\1/", remote)
    plain = re.sub(r"^(https?://)[^/@]*@", r"\1", plain).removesuffix(".git")
    return plain if plain.startswith("https://") else ""
