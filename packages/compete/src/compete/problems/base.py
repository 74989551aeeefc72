"""The base class of a kind of problem: targets, loss, predictions, submission, error analysis.

Classification, multi-label, regression and text output each have one class in this package.
torch, scikit-learn and Altair are imported only by the methods that need them.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from compete.charts.figure import Figure
    from compete.contract import Contract

# Probabilities `(rows, classes)`, values `(rows, targets)`, or a string for each row.
Predictions: TypeAlias = "Tensor | list[str]"
Floats = NDArray[np.float64]
PREFIX, TARGET = "p_", "target_"  # prefixes of the columns of predictions and of targets


@dataclass(frozen=True)
class TargetStats:
    """Statistics of a fold's training targets for the loss.

    Args:
        mean: the mean of values `(targets,)`, after `Problem.transform`.
        std: the standard deviation of values `(targets,)`.
        weight: the weights of classes or labels in the loss `(outputs,)`.
    """

    mean: "Tensor"
    std: "Tensor"
    weight: "Tensor"

    def cpu(self) -> "TargetStats":
        """Return a copy in CPU memory."""
        return TargetStats(self.mean.cpu(), self.std.cpu(), self.weight.cpu())


@dataclass
class Mistakes:
    """The section on mistakes: figures, tables with their titles, and findings in words."""

    figures: list["Figure"] = field(default_factory=list)
    tables: list[tuple[str, pl.DataFrame]] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


class Problem(ABC):
    """A kind of problem, for one competition.

    Args:
        contract: the competition's requirements.
    """

    name: ClassVar[str]
    unusual: ClassVar[str] = "Mistakes of a rare kind."
    has_classes: ClassVar[bool] = False

    def __init__(self, contract: "Contract") -> None:
        self.contract = contract

    # ---------------------------------------------------------------- targets

    @property
    @abstractmethod
    def output_names(self) -> list[str]:
        """The name of each output of the model."""

    @property
    def outputs(self) -> int:
        """The number of outputs of the model for one row."""
        return len(self.output_names)

    @abstractmethod
    def targets(self, table: pl.DataFrame) -> "Tensor":
        """Return the targets of training rows for the loss."""

    def strata(self, table: pl.DataFrame, folds: int) -> NDArray[np.int64]:
        """Return a stratum for each row, to stratify the folds.

        Args:
            table: the training rows.
            folds: the number of folds.
        """
        return np.zeros(table.height, dtype=np.int64)

    def rare_classes(self, table: pl.DataFrame, folds: int) -> list[tuple[Any, int]]:
        """Return classes that have fewer rows than there are folds, with their rows."""
        return []

    def label_columns(self, table: pl.DataFrame) -> list[pl.Series]:
        """Return the targets of some training rows in readable form."""
        return table.select(self.contract.target_columns).get_columns()

    def counted(self, column: pl.Series) -> tuple[str, pl.Series]:
        """Return the name and the values of a column of labels that the report counts."""
        return column.name, column

    @abstractmethod
    def question(self) -> str:
        """Return what the competition asks, as the end of a sentence."""

    # ---------------------------------------------------------------- training

    def transform(self, targets: "Tensor") -> "Tensor":
        """Bring targets to the scale on which the loss compares them."""
        return targets

    def target_stats(self, targets: "Tensor", class_weights: bool) -> TargetStats:
        """Return the statistics of the training targets for the loss.

        Args:
            targets: the targets of the training rows.
            class_weights: weight classes or labels by inverse frequency.
        """
        import torch

        return TargetStats(torch.zeros(1), torch.ones(1), torch.ones(self.outputs))

    def statistics(self, targets: "Tensor") -> Floats:
        """Return targets `(rows, t)` as numbers with a meaningful mean."""
        return self.transform(targets).double().numpy()

    def standardize(self, targets: "Tensor", stats: TargetStats) -> "Tensor":
        """Return targets on the scale of the logits."""
        return targets

    @abstractmethod
    def loss(
        self, logits: "Tensor", targets: "Tensor", stats: TargetStats, smoothing: float = 0.0
    ) -> "Tensor":
        """Return the mean loss over a batch.

        Args:
            logits: `(n, outputs)`.
            targets: as returned by `targets`.
            stats: statistics of the training targets.
            smoothing: label smoothing (Szegedy et al., 2016), for classes only.
        """

    @abstractmethod
    def predictions(self, logits: "Tensor", stats: TargetStats) -> "Tensor":
        """Return probabilities, or values in the competition's unit, from logits."""

    @abstractmethod
    def mean_logits(self, logits: "Tensor") -> "Tensor":
        """Return the logits `(n, outputs)` of the mean prediction of models `(n, k, outputs)`."""

    # ---------------------------------------------------------------- tables of predictions

    def with_predictions(self, table: pl.DataFrame, predictions: Any) -> pl.DataFrame:
        """Return the table with a column of predictions for each output."""
        values = predictions.numpy()
        columns = {f"{PREFIX}{name}": values[:, i] for i, name in enumerate(self.output_names)}
        return table.hstack(pl.DataFrame(columns))

    def predictions_of(self, table: pl.DataFrame) -> Any:
        """Return the predictions that `with_predictions` added."""
        import torch

        return torch.from_numpy(table.select(pl.col(f"^{PREFIX}.*$")).to_numpy().copy())

    def with_targets(
        self, table: pl.DataFrame, source: pl.DataFrame, targets: "Tensor"
    ) -> pl.DataFrame:
        """Return the table with columns of targets.

        Args:
            table: the rows.
            source: the training rows.
            targets: the targets of the rows, as returned by `targets`.
        """
        values = targets.unsqueeze(1) if targets.ndim == 1 else targets
        return table.hstack(
            pl.DataFrame({f"{TARGET}{i}": column.numpy() for i, column in enumerate(values.T)})
        )

    def targets_of(self, table: pl.DataFrame) -> Any:
        """Return the targets that `with_targets` added, for the metric."""
        import torch

        return torch.from_numpy(table.select(pl.col(f"^{TARGET}.*$")).to_numpy().copy())

    @property
    def decision(self) -> Literal["threshold", "cut_points"] | None:
        """What may score better than the most probable class, if anything."""
        return None

    @abstractmethod
    def submission(self, predictions: Any, columns: Sequence[str]) -> dict[str, Any]:
        """Return the columns of the submission, without the id, with their values."""

    @property
    def cells(self) -> Literal["number", "name", "names", "text"]:
        """The contents of a cell of the submission: a number, one class, several, or any text."""
        return "number"

    @property
    def sums_to_one(self) -> bool:
        """Whether the probabilities of a row of the submission add up to one."""
        return False

    # ---------------------------------------------------------------- error analysis

    @abstractmethod
    def analyse(self, oof: pl.DataFrame) -> pl.DataFrame:
        """Return for each row `row, target, prediction, correct, confidence, loss, surprise`.

        `surprise` is high for mistakes of a rare kind.
        """

    @abstractmethod
    def mistakes(self, oof: pl.DataFrame, train: pl.DataFrame | None) -> Mistakes:
        """Return the error analysis: mistakes and calibration.

        Args:
            oof: out-of-fold predictions with targets.
            train: all training rows, in their order.
        """


def arrays(oof: pl.DataFrame) -> tuple[Floats, Floats]:
    """Return predictions `(rows, outputs)` and targets `(rows, targets)` of out-of-fold rows."""
    found = oof.select(pl.col(f"^{PREFIX}.*$")).to_numpy().astype(np.float64)
    return found, oof.select(pl.col(f"^{TARGET}.*$")).to_numpy().astype(np.float64)


def analysis_table(oof: pl.DataFrame, columns: dict[str, Any]) -> pl.DataFrame:
    """Return the rows' numbers with the columns that `Problem.analyse` promises."""
    table = oof.select("row").with_columns(**{key: pl.Series(v) for key, v in columns.items()})
    return table.with_columns(pl.col("correct").cast(pl.Boolean))


def first_alike(table: pl.DataFrame) -> NDArray[np.int64]:
    """Return for each row the number of the first row that holds the same."""
    rows = pl.DataFrame({"row": range(table.height), "same": table.to_struct()})
    return rows.select(pl.col("row").first().over("same")).to_series().to_numpy()
