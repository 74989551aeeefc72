"""Gathers what the page and the cards show, each fact from the file that states it."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import stdev
from typing import Any

import polars as pl

from compete.contract import Contract
from compete.files import MEMBERS, NOTES, PREDICTIONS, PROCESSED, RUNS, git, read_yaml
from compete.portfolio.experiments import Experiment, load_experiments
from compete.portfolio.repository import Metadata, load_metadata, origin_url
from compete.problems import Problem, get_problem
from compete.problems.base import PREFIX
from compete.records import (
    PREPARED,
    CrossValidation,
    FoldRun,
    Leaderboard,
    LedgerEntry,
    Prepared,
    Scores,
)

_CURVES = {
    "member": pl.String,
    "fold": pl.Int64,
    "epoch": pl.Int64,
    "name": pl.String,
    "value": pl.Float64,
}


@dataclass(frozen=True)
class ProjectState:
    """Everything that the page and the cards show; what is not done yet is None or empty.

    Args:
        contract: what the competition asks for.
        metadata: of the project, from pyproject.toml.
        prepared: what `prepare` counted.
        scores: what `predict` scored.
        train: the table of training rows, with their folds.
        oof: the blend's out-of-fold predictions.
        members: the names of the ensemble's members.
        runs: the finished folds.
        curves: `member, fold, epoch, name, value` of what was logged during training.
        ledger: the submissions, oldest first.
        leaderboard: of this competition.
        experiments: what was tried with DVC.
        notes: the author's words, in Markdown.
        commit: the current one.
        origin: the address of the repository, without credentials.
        data_hash: DVC's hash of the raw data.
    """

    contract: Contract
    metadata: Metadata
    prepared: Prepared | None
    scores: Scores | None
    train: pl.DataFrame | None
    oof: pl.DataFrame | None
    members: list[str]
    runs: list[FoldRun]
    curves: pl.DataFrame
    ledger: list[LedgerEntry]
    leaderboard: Leaderboard | None
    experiments: list[Experiment]
    notes: str
    commit: str
    origin: str
    data_hash: str

    @cached_property
    def problem(self) -> Problem:
        """The kind of problem."""
        return get_problem(self.contract)

    @property
    def cv(self) -> CrossValidation | None:
        """The blend's cross-validation score."""
        return self.scores.cv if self.scores else None

    @property
    def cv_std(self) -> float:
        """The standard deviation of the folds' scores; 0 for fewer than two folds."""
        folds = self.cv.folds if self.cv else []
        return stdev(folds) if len(folds) > 1 else 0.0

    @cached_property
    def headline(self) -> LedgerEntry | None:
        """The submission with the best public score, which is the one on the leaderboard."""
        sign = 1 if self.leaderboard_maximize else -1
        scored = [
            (sign * entry.public, entry)
            for entry in self.ledger
            if entry.state == "complete"
            and entry.public is not None
            and entry.slug == self.contract.slug
        ]
        return max(scored, key=lambda pair: pair[0])[1] if scored else None

    @property
    def leaderboard_maximize(self) -> bool:
        """Whether more is better on the leaderboard, whose order tells if its metric is another."""
        other = any(entry.leaderboard_metric for entry in self.ledger)
        order = self.leaderboard.maximize if self.leaderboard and other else None
        return self.contract.scoring.maximize if order is None else order

    @property
    def leaderboard_metric(self) -> str:
        """What the leaderboard is by: Kaggle's name if it is another than the project's metric."""
        return (self.headline and self.headline.leaderboard_metric) or self.contract.metric

    @property
    def published_commit(self) -> str:
        """The commit that the headline submission was made from, else the current one."""
        return (self.headline and self.headline.commit) or self.commit

    @property
    def seconds(self) -> float:
        """The training time of all folds together."""
        return sum(run.seconds for run in self.runs)

    def missing(self) -> list[str]:
        """Return a sentence for each step that is not done yet."""
        sentences = []
        folds = self.prepared.folds if self.prepared else 0
        for member in self.members:
            done = sum(run.member == member for run in self.runs)
            if done < folds:
                sentences.append(f"{done} of {folds} folds of member {member} are trained.")
        if self.prepared is None:
            sentences.append("The data is not prepared.")
        if self.scores is None:
            sentences.append("There are no predictions yet, so there is no out-of-fold score.")
        if self.headline is None:
            waiting = any(entry.is_open for entry in self.ledger)
            sentences.append(
                "A submission is waiting for its score."
                if waiting
                else "Nothing was submitted yet."
            )
        return sentences


def load_state(ledger: list[LedgerEntry]) -> ProjectState:
    """Read the state of the project in the current folder.

    Args:
        ledger: the submissions, oldest first.

    Raises:
        Fault: there is no contract, or a file is broken.
    """
    contract, board = Contract.load(), Leaderboard.load()
    runs = _finished_runs()
    return ProjectState(
        contract=contract,
        metadata=load_metadata(),
        prepared=Prepared.read(PREPARED),
        scores=Scores.load(),
        train=_read_table(PROCESSED / "train.parquet"),
        oof=_out_of_fold(contract),
        members=sorted(path.stem for path in MEMBERS.glob("*.yaml")),
        runs=runs,
        curves=pl.concat([pl.DataFrame(schema=_CURVES), *map(_curves, runs)]),
        ledger=ledger,
        leaderboard=board if board and board.slug == contract.slug else None,
        experiments=load_experiments(),
        notes=_notes(),
        commit=git("rev-parse", "HEAD"),
        origin=origin_url(),
        data_hash=_data_hash(),
    )


def _read_table(path: Path) -> pl.DataFrame | None:
    return pl.read_parquet(path) if path.exists() else None


def _out_of_fold(contract: Contract) -> pl.DataFrame | None:
    """Return the blend's out-of-fold predictions, unless they are of another contract."""
    oof = _read_table(PREDICTIONS / "blend" / "oof.parquet")
    columns = {f"{PREFIX}{name}" for name in get_problem(contract).output_names}
    return oof if oof is not None and columns <= set(oof.columns) else None


def _finished_runs() -> list[FoldRun]:
    runs = map(FoldRun.read, sorted(RUNS.glob("*/fold*/fold.json")))
    return [run for run in runs if run and run.finished]


def _curves(run: FoldRun) -> pl.DataFrame:
    """Return a fold's log; where a resumed run logged an epoch twice, the later values count."""
    folder = FoldRun.folder(run.member, run.fold) / "csv"
    # version_10 comes after version_9
    logs = sorted(folder.glob("*/metrics.csv"), key=lambda path: (len(path.parent.name), path))
    if not logs:
        return pl.DataFrame(schema=_CURVES)
    table = pl.concat([pl.read_csv(path) for path in logs], how="diagonal_relaxed")
    names = [name for name in table.columns if name.startswith(("train/", "val/"))]
    return (
        table.unpivot(names, index="epoch", variable_name="name")
        .drop_nulls()
        .group_by("epoch", "name")
        .agg(pl.col("value").cast(pl.Float64).last())
        .sort("name", "epoch")
        .select(
            pl.lit(run.member).alias("member"),
            pl.lit(run.fold, dtype=pl.Int64).alias("fold"),
            pl.col("epoch").cast(pl.Int64) + 1,
            "name",
            "value",
        )
    )


def _notes() -> str:
    """Return the author's words without the hints that the template left as comments."""
    text = NOTES.read_text(encoding="utf-8") if NOTES.exists() else ""
    return re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).strip()


def _data_hash() -> str:
    lock = Path("dvc.lock")
    stages: dict[str, Any] = read_yaml(lock).get("stages", {}) if lock.exists() else {}
    outputs = stages.get("download", {}).get("outs", [])
    return next((out["md5"] for out in outputs if out["path"] == "data/raw"), "")
