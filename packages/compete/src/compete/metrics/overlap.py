"""Metrics that compare predicted and true labels, such as F-beta.

Predictions are probabilities `(n, classes)`, or `(n, labels)` where targets are zeros and ones of
that shape.
"""

from typing import TYPE_CHECKING

from compete.errors import Fault
from compete.metrics.metric import Family, Metric, Score

if TYPE_CHECKING:
    from torch import Tensor


def _fbeta(average: str, name: str, beta: float = 1.0) -> Score:
    """Return F-beta: of the second of two classes or as a mean of rows (samples), else averaged."""

    def score(predictions: "Tensor", targets: "Tensor") -> float:
        from torchmetrics.functional.classification import (
            binary_fbeta_score,
            multiclass_fbeta_score,
            multilabel_fbeta_score,
        )

        size = predictions.shape[1]
        if targets.ndim == 2:
            if average == "samples":
                found, true = predictions > 0.5, targets.bool()
                both = (1 + beta**2) * (found & true).sum(dim=1)
                return _ratio(both, found.sum(dim=1) + beta**2 * true.sum(dim=1))
            return multilabel_fbeta_score(
                predictions,
                targets.long(),
                beta,
                size,
                average=average,  # type: ignore[arg-type]
            ).item()
        found = predictions.argmax(dim=1)
        if average == "samples":
            _require_two_classes(name, size, f"macro_{name}` or `micro_{name}")
            return binary_fbeta_score(found, targets, beta).item()
        return multiclass_fbeta_score(
            found,
            targets,
            beta,
            size,
            average=average,  # type: ignore[arg-type]
        ).item()

    return score


def _iou(predictions: "Tensor", targets: "Tensor") -> float:
    """Return intersection over union: of the rows' labels, or of the second of two classes."""
    from torchmetrics.functional.classification import binary_jaccard_index

    if targets.ndim == 2:
        found, true = predictions > 0.5, targets.bool()
        return _ratio((found & true).sum(dim=1), (found | true).sum(dim=1))
    _require_two_classes("iou", predictions.shape[1], "macro_f1")
    return binary_jaccard_index(predictions.argmax(dim=1), targets).item()


def _ratio(part: "Tensor", whole: "Tensor") -> float:
    """Return the mean of the rows' quotients, 0 where there is nothing (as scikit-learn does)."""
    return (part / whole.where(whole > 0, 1)).float().mean().item()


def _require_two_classes(name: str, classes: int, instead: str) -> None:
    if classes != 2:
        raise Fault(
            f"The metric {name} needs two classes; there are {classes}.",
            f"Set `metric: {instead}` under `competition` in params.yaml.",
        )


METRICS = (
    Metric(
        "f1",
        True,
        "label",
        _fbeta("samples", "f1"),
        ("dice", "binary f1", "samples f1"),
        tune_threshold=True,
        two_classes=True,
    ),
    Metric("macro_f1", True, "label", _fbeta("macro", "f1"), tune_threshold=True),
    Metric("micro_f1", True, "label", _fbeta("micro", "f1")),
    Metric("weighted_f1", True, "label", _fbeta("weighted", "f1"), tune_threshold=True),
    Metric(
        "iou",
        True,
        "label",
        _iou,
        tune_threshold=True,
        two_classes=True,
    ),
)


def _fbeta_family(average: str, prefix: str) -> Family:
    def make(name: str, beta: float) -> Metric:
        return Metric(
            name,
            True,
            "label",
            _fbeta(average, f"fbeta_{beta:g}", float(beta)),
            tune_threshold=average != "micro",
            two_classes=average == "samples",
        )

    name, plain = f"{prefix}fbeta", f"{prefix.rstrip('_')}f(?:beta)*"
    return Family(name, "beta", 2, make, plain, lambda beta: beta > 0)


FAMILIES = (
    _fbeta_family("samples", ""),
    _fbeta_family("macro", "macro_"),
    _fbeta_family("micro", "micro_"),
)
