"""One of several classes for each row."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from typing_extensions import override

from compete.problems.base import (
    Floats,
    Mistakes,
    Problem,
    TargetStats,
    analysis_table,
    arrays,
    first_alike,
)

if TYPE_CHECKING:
    from torch import Tensor

_MANY_CLASSES = 32  # of more, the mean of each class tells little for so many columns


class Classification(Problem):
    """Logits of classes; targets are class indices `(n,)`, predictions probabilities."""

    name = "classification"
    has_classes = True

    @property
    @override
    def output_names(self) -> list[str]:
        return [str(value) for value in self.contract.classes]

    @override
    def targets(self, table: pl.DataFrame) -> "Tensor":
        import torch

        order = {value: index for index, value in enumerate(self.contract.classes)}
        return torch.tensor([order[value] for value in self.label_columns(table)[0]])

    @override
    def label_columns(self, table: pl.DataFrame) -> list[pl.Series]:
        """Return the class of each row; of a column for each class, the one that holds a 1."""
        columns = self.contract.target_columns
        if len(columns) == 1:
            return [table[columns[0]]]
        places = table.select(pl.concat_list(pl.col(columns).cast(pl.Int64)).list.arg_max())
        return [pl.Series("class", [columns[place] for place in places.to_series()])]

    @override
    def strata(self, table: pl.DataFrame, folds: int) -> NDArray[np.int64]:
        return first_alike(table[self.contract.target_columns])

    @override
    def rare_classes(self, table: pl.DataFrame, folds: int) -> list[tuple[Any, int]]:
        counts = self.label_columns(table)[0].value_counts()
        return counts.filter(pl.col("count") < folds).rows()

    @override
    def question(self) -> str:
        samples = f"each of {self.contract.rows:,} test samples"
        return f"which of {len(self.contract.classes)} classes {samples} belongs to"

    @override
    def target_stats(self, targets: "Tensor", class_weights: bool) -> TargetStats:
        import torch

        stats = super().target_stats(targets, class_weights)
        if not class_weights:
            return stats
        counts = torch.bincount(targets, minlength=len(self.contract.classes)).clamp(min=1)
        return TargetStats(stats.mean, stats.std, counts.sum() / (len(counts) * counts))

    @override
    def statistics(self, targets: "Tensor") -> Floats:
        from torch.nn.functional import one_hot

        classes = len(self.contract.classes)
        if classes > _MANY_CLASSES:
            return np.empty((len(targets), 0))
        return one_hot(targets, classes)[:, 1 if classes == 2 else 0 :].double().numpy()

    @override
    def loss(
        self, logits: "Tensor", targets: "Tensor", stats: TargetStats, smoothing: float = 0.0
    ) -> "Tensor":
        from torch.nn.functional import cross_entropy

        return cross_entropy(logits, targets, weight=stats.weight, label_smoothing=smoothing)

    @override
    def predictions(self, logits: "Tensor", stats: TargetStats) -> "Tensor":
        return logits.float().softmax(dim=1)

    @override
    def mean_logits(self, logits: "Tensor") -> "Tensor":
        return logits.log_softmax(dim=2).logsumexp(dim=1)

    @override
    def targets_of(self, table: pl.DataFrame) -> "Tensor":
        targets: Tensor = super().targets_of(table)[:, 0].long()
        return targets

    @property
    @override
    def decision(self) -> Literal["threshold", "cut_points"] | None:
        scoring, classes = self.contract.scoring, len(self.contract.classes)
        if classes == 2:
            return "threshold" if scoring.tune_threshold else None
        return "cut_points" if scoring.ordered else None

    @override
    def submission(self, predictions: Any, columns: Sequence[str]) -> dict[str, Any]:
        values, classes = np.asarray(predictions), self.contract.classes
        if self.contract.prediction == "ranking":
            top = np.argsort(-values, axis=1, kind="stable")[:, : self.contract.scoring.top]
            return {columns[0]: [" ".join(str(classes[i]) for i in row) for row in top]}
        if self.contract.prediction == "label":
            best = values.argmax(axis=1)
            if len(columns) > 1:  # a column for each class: one of them is 1
                return {name: (best == i).astype(int) for i, name in enumerate(columns)}
            return {columns[0]: [str(classes[i]) for i in best]}
        if len(columns) == 1:  # the probability of the second class, as Kaggle asks of two
            return {columns[0]: values[:, -1]}
        return {name: values[:, i] for i, name in enumerate(columns)}

    @property
    @override
    def cells(self) -> Literal["number", "name", "names", "text"]:
        if len(self.contract.value_columns) > 1:
            return "number"
        return {"label": "name", "ranking": "names"}.get(self.contract.prediction, "number")  # type: ignore[return-value]

    @property
    @override
    def sums_to_one(self) -> bool:
        several = len(self.contract.value_columns) > 1
        return several and self.contract.prediction == "probability"

    @override
    def analyse(self, oof: pl.DataFrame) -> pl.DataFrame:
        p, target, found = _probabilities(oof)
        rows, names = np.arange(len(p)), self.output_names
        counts = self._confusion(target, found)
        usual = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
        rarity = -np.log(usual[target, found].clip(min=1e-9))
        columns = {
            "target": [names[i] for i in target],
            "prediction": [names[i] for i in found],
            "correct": target == found,
            "confidence": p[rows, found],
            "loss": -np.log(p[rows, target].clip(min=1e-15)),
            "surprise": np.where(target == found, -1.0, rarity + p[rows, found]),
        }
        return analysis_table(oof, columns)

    def _confusion(self, target: NDArray[np.int64], found: NDArray[np.int64]) -> Any:
        from sklearn.metrics import confusion_matrix

        return confusion_matrix(target, found, labels=range(len(self.contract.classes)))

    @override
    def mistakes(self, oof: pl.DataFrame, train: pl.DataFrame | None) -> Mistakes:
        from sklearn.metrics import precision_recall_fscore_support

        from compete.charts import predictions as charts

        p, target, found = _probabilities(oof)
        made, names = Mistakes(), self.output_names
        confusion = self._confusion(target, found)
        if len(names) <= charts.MOST_CLASSES:
            made.figures.append(charts.confusion(names, confusion))
        if finding := charts.most_frequent_mistake(names, confusion):
            made.findings.append(finding)
        precision, recall, _, rows = precision_recall_fscore_support(
            target, found, labels=range(len(names)), zero_division=0
        )
        scores = {"class": names, "samples": rows, "precision": precision, "recall": recall}
        made.tables.append(("Each class", pl.DataFrame(scores)))
        made.figures.append(charts.calibration(p.max(axis=1), found == target))
        made.findings.append(_overconfidence(p.max(axis=1), found == target))
        return made


def _overconfidence(confidence: Floats, correct: NDArray[np.bool_]) -> str:
    """Return a sentence that compares the mean confidence with the accuracy."""
    sure, right = confidence.mean(), correct.mean()
    kind = "well calibrated" if abs(sure - right) < 0.02 else "over" if sure > right else "under"
    kind = kind if kind.startswith("well") else f"{kind}confident"
    return f"The model is {kind}: mean confidence {sure:.1%}, accuracy {right:.1%}."


def _probabilities(oof: pl.DataFrame) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Return probabilities that add up to one, the classes, and the classes that were predicted."""
    outputs, target = arrays(oof)
    return (
        outputs / outputs.sum(axis=1, keepdims=True),
        target[:, 0].astype(np.int64),
        outputs.argmax(axis=1),
    )
