"""Any number of labels for each row."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from typing_extensions import override

from compete.problems.base import (
    Mistakes,
    Problem,
    TargetStats,
    analysis_table,
    arrays,
    first_alike,
)

if TYPE_CHECKING:
    from torch import Tensor

_THRESHOLD = 0.5
_RARE = 10  # combinations of labels in fewer rows are balanced together
_MAX_WEIGHT = 100


def split_labels(text: str, separator: str) -> list[str]:
    """Return the labels that are written in one text, without the spaces around them."""
    return [label for part in text.split(separator) if (label := part.strip())]


class MultiLabel(Problem):
    """A logit for each label; targets are zeros and ones `(n, labels)`."""

    name = "multilabel"

    @property
    @override
    def output_names(self) -> list[str]:
        return [str(value) for value in self.contract.classes]

    @override
    def targets(self, table: pl.DataFrame) -> "Tensor":
        import torch

        columns, classes = self.contract.target_columns, self.contract.classes
        if columns == classes:
            return torch.from_numpy(table.select(columns).to_numpy().astype(np.float32))
        tags = [
            set(split_labels(str(value), self.contract.label_separator))
            for value in table[columns[0]]
        ]
        return torch.tensor([[float(name in row) for name in classes] for row in tags])

    @override
    def strata(self, table: pl.DataFrame, folds: int) -> NDArray[np.int64]:
        codes = first_alike(table[self.contract.target_columns])
        counts = np.bincount(codes)
        return np.where(counts[codes] < _RARE, len(counts), codes)

    @override
    def question(self) -> str:
        labels = len(self.contract.classes)
        return f"which of {labels} labels each of {self.contract.rows:,} test samples has"

    @override
    def target_stats(self, targets: "Tensor", class_weights: bool) -> TargetStats:
        stats = super().target_stats(targets, class_weights)
        if not class_weights:
            return stats
        weight = (1 - targets).sum(dim=0) / targets.sum(dim=0).clamp(min=1)
        return TargetStats(stats.mean, stats.std, weight.clamp(max=_MAX_WEIGHT))

    @override
    def loss(
        self, logits: "Tensor", targets: "Tensor", stats: TargetStats, smoothing: float = 0.0
    ) -> "Tensor":
        from torch.nn.functional import binary_cross_entropy_with_logits

        return binary_cross_entropy_with_logits(logits, targets, pos_weight=stats.weight)

    @override
    def predictions(self, logits: "Tensor", stats: TargetStats) -> "Tensor":
        return logits.float().sigmoid()

    @override
    def mean_logits(self, logits: "Tensor") -> "Tensor":
        import torch
        from torch.nn.functional import logsigmoid

        yes, no = logsigmoid(torch.stack([logits, -logits])).logsumexp(dim=2)
        difference: Tensor = yes - no
        return difference

    @property
    def _is_one_column(self) -> bool:
        """Whether the submission has the names of labels in one column."""
        return len(self.contract.value_columns) == 1 and len(self.contract.classes) > 1

    @override
    def submission(self, predictions: Any, columns: Sequence[str]) -> dict[str, Any]:
        values = np.asarray(predictions)
        if self._is_one_column:
            return {columns[0]: [self._tags(row) for row in values]}
        if self.contract.prediction == "label":
            return {n: (values[:, i] > _THRESHOLD).astype(int) for i, n in enumerate(columns)}
        return {name: values[:, i] for i, name in enumerate(columns)}

    def _tags(self, row: NDArray[np.float64]) -> str:
        chosen = np.flatnonzero(row > _THRESHOLD)
        if not len(chosen):
            chosen = np.array([row.argmax()])
        return self.contract.label_separator.join(self.output_names[i] for i in chosen)

    @property
    @override
    def cells(self) -> Literal["number", "name", "names", "text"]:
        return "names" if self._is_one_column else "number"

    @override
    def analyse(self, oof: pl.DataFrame) -> pl.DataFrame:
        outputs, target = arrays(oof)
        p = outputs.clip(1e-15, 1 - 1e-15)
        losses = -(target * np.log(p) + (1 - target) * np.log(1 - p))
        found, names = outputs > _THRESHOLD, np.array(self.output_names)
        correct = (found == target.astype(bool)).all(axis=1)
        columns = {
            "target": [" ".join(names[row]) for row in target.astype(bool)],
            "prediction": [" ".join(names[row]) for row in found],
            "correct": correct,
            "confidence": np.maximum(outputs, 1 - outputs).min(axis=1),
            "loss": losses.mean(axis=1),
            "surprise": np.where(correct, -1.0, losses.max(axis=1)),
        }
        return analysis_table(oof, columns)

    @override
    def mistakes(self, oof: pl.DataFrame, train: pl.DataFrame | None) -> Mistakes:
        from sklearn.metrics import precision_recall_fscore_support

        from compete.charts import predictions as charts

        outputs, target = arrays(oof)
        precision, recall, _, rows = precision_recall_fscore_support(
            target.astype(int), (outputs > _THRESHOLD).astype(int), average=None, zero_division=0
        )
        scores = {"label": self.output_names, "samples": rows}
        table = pl.DataFrame(scores | {"precision": precision, "recall": recall})
        calibration = charts.calibration(outputs.ravel(), target.ravel().astype(bool))
        frequent = table.filter(pl.col("samples") > 0).sort("recall", "label")
        findings = [
            f"{label} has the lowest recall: {recall:.0%} of its {samples:,} rows."
            for label, samples, _, recall in frequent.head(1).rows()
        ]
        return Mistakes([calibration], [("Each label", table)], findings)
