"""Gathers what a project of predictions shows, each fact from the file that states it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import stdev

import polars as pl

from compete.contract import Contract
from compete.files import PREDICTIONS, PROCESSED, RUNS
from compete.portfolio.card import Baseline
from compete.portfolio.project_state import ProjectState, TrainingCost, shared_facts
from compete.problems import Problem, get_problem
from compete.problems.base import PREFIX
from compete.problems.baseline import baseline
from compete.problems.uncertainty import score_interval
from compete.processed import readable
from compete.records import PREPARED, CrossValidation, FoldRun, Prepared, Scores
from compete.submission_records import LedgerEntry

_KINDS = {"multilabel": "multi-label classification"}
_CURVES = {
    "member": pl.String,
    "fold": pl.Int64,
    "epoch": pl.Int64,
    "name": pl.String,
    "value": pl.Float64,
}


@dataclass(frozen=True, kw_only=True)
class SupervisedState(ProjectState):
    """The facts that the report and the cards show of predictions; missing ones are None or empty.

    Args:
        prepared: what `prepare` counted.
        scores: what `predict` scored.
        train: the table of training rows, with their folds.
        oof: the blend's out-of-fold predictions.
        runs: the finished folds.
        curves: `member, fold, epoch, name, value` of what was logged during training.
    """

    contract: Contract
    prepared: Prepared | None
    scores: Scores | None
    train: pl.DataFrame | None
    oof: pl.DataFrame | None
    runs: list[FoldRun]
    curves: pl.DataFrame

    @cached_property
    def problem(self) -> Problem:
        """The kind of problem."""
        return get_problem(self.contract)

    @property
    def kind(self) -> str:
        """What kind of work it is, such as `image classification`."""
        if self.contract.problem == "translation":
            return "translation"
        return f"{self.task} {_KINDS.get(self.contract.problem, self.contract.problem)}"

    @property
    def metric(self) -> str:
        """What the project is measured by."""
        return self.contract.metric

    @property
    def maximize(self) -> bool:
        """Whether more of it is better."""
        return self.contract.scoring.maximize

    @property
    def costs(self) -> list[TrainingCost]:
        """What each finished fold took."""
        return [
            TrainingCost(
                run.seconds,
                run.device,
                run.hardware,
                frozenset({f"torch {run.torch}", f"lightning {run.lightning}"}),
                run.devices,
            )
            for run in self.runs
        ]

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
    def interval(self) -> tuple[float, float] | None:
        """The 95% bootstrap interval of the score on out-of-fold predictions."""
        return None if self.oof is None else score_interval(self.problem, self.oof, self.train)

    @cached_property
    def baseline(self) -> Baseline | None:
        """What a prediction that looks at no input scores on the same rows."""
        found = None if self.oof is None else baseline(self.problem, self.oof, self.train)
        return Baseline(*found) if found else None

    def unfinished(self) -> list[str]:
        """Return a sentence for each step before the submission that is not done yet."""
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
        return sentences


def load_state(ledger: list[LedgerEntry], task: str) -> SupervisedState:
    """Read the state of the project in the current folder.

    Args:
        ledger: the submissions, oldest first.
        task: `image`, `tabular`, `text` or `translation`.

    Raises:
        Fault: there is no contract, or a file is broken.
    """
    contract, runs = Contract.load(), _finished_runs()
    return SupervisedState(
        prepared=Prepared.read(PREPARED),
        scores=Scores.load(),
        train=_read_table(PROCESSED / "train.parquet", "prepare"),
        oof=_out_of_fold(contract),
        runs=runs,
        curves=pl.concat([pl.DataFrame(schema=_CURVES), *map(_curves, runs)]),
        **shared_facts(contract, task, ledger, "cv.score"),
    )


def _read_table(path: Path, verb: str) -> pl.DataFrame | None:
    with readable(path, verb):
        return pl.read_parquet(path) if path.exists() else None


def _out_of_fold(contract: Contract) -> pl.DataFrame | None:
    """Return the blend's out-of-fold predictions, unless they are of another contract."""
    oof = _read_table(PREDICTIONS / "blend" / "oof.parquet", "predict")
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
    names = [name for name in table.columns if name.startswith(("train/", "val/", "oob/"))]
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
