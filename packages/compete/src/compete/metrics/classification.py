"""Metrics of classes and labels.

Predictions are probabilities `(n, classes)`, or `(n, labels)` where targets are zeros and ones of
that shape.
"""

from typing import TYPE_CHECKING

from compete.metrics.metric import Metric

if TYPE_CHECKING:
    from torch import Tensor

_CLASSES = ("classification",)


def _accuracy(predictions: "Tensor", targets: "Tensor") -> float:
    if targets.ndim == 2:  # multi-label: every label of the row must be right
        return ((predictions > 0.5) == targets.bool()).all(dim=1).float().mean().item()
    return (predictions.argmax(dim=1) == targets).float().mean().item()


def _hamming_loss(predictions: "Tensor", targets: "Tensor") -> float:
    if targets.ndim == 2:
        return ((predictions > 0.5) != targets.bool()).float().mean().item()
    return (predictions.argmax(dim=1) != targets).float().mean().item()


def _balanced_accuracy(predictions: "Tensor", targets: "Tensor") -> float:
    """Return the mean recall of the classes that occur."""
    import torch
    from torchmetrics.functional.classification import multiclass_recall

    found, classes = predictions.argmax(dim=1), predictions.shape[1]
    recall = multiclass_recall(found, targets, classes, average="none")
    return recall[torch.unique(targets)].mean().item()


def _log_loss(predictions: "Tensor", targets: "Tensor") -> float:
    from torch.nn.functional import binary_cross_entropy

    if targets.ndim == 2:
        p = predictions.double().clamp(1e-15, 1 - 1e-15)
        return binary_cross_entropy(p, targets.double()).item()
    return _log_losses(predictions, targets).mean().item()


def _balanced_log_loss(predictions: "Tensor", targets: "Tensor") -> float:
    """Return the unweighted mean of the log losses of the classes."""
    import torch

    losses = _log_losses(predictions, targets)
    each = [losses[targets == index].mean().item() for index in torch.unique(targets)]
    return sum(each) / len(each)


def _log_losses(predictions: "Tensor", targets: "Tensor") -> "Tensor":
    """Return each row's log loss; Kaggle clips and rescales probabilities in this way."""
    from torch.nn.functional import nll_loss

    p = predictions.double().clamp(1e-15, 1 - 1e-15)
    return nll_loss((p / p.sum(dim=1, keepdim=True)).log(), targets, reduction="none")


def _auc(predictions: "Tensor", targets: "Tensor") -> float:
    """Return the area under the curve, or its mean over the columns that have both answers."""
    from torchmetrics.functional.classification import (
        binary_auroc,
        multiclass_auroc,
        multilabel_auroc,
    )

    if targets.ndim == 1 and predictions.shape[1] == 2:
        return binary_auroc(predictions[:, 1].contiguous(), targets).item()
    size = predictions.shape[1]
    if targets.ndim == 2:
        each = multilabel_auroc(predictions, targets.long(), size, average="none")
        yes = targets.long().sum(dim=0)
    else:
        each = multiclass_auroc(predictions, targets, size, average="none")
        yes = targets.bincount(minlength=size)
    known = (yes > 0) & (yes < len(targets))
    return each[known].mean().item() if known.any() else 0.0


def _gini(predictions: "Tensor", targets: "Tensor") -> float:
    return 2 * _auc(predictions, targets) - 1


def _average_precision(predictions: "Tensor", targets: "Tensor") -> float:
    from torchmetrics.functional.classification import (
        binary_average_precision,
        multiclass_average_precision,
        multilabel_average_precision,
    )

    if targets.ndim == 2:
        return multilabel_average_precision(predictions, targets.long(), targets.shape[1]).item()
    if predictions.shape[1] == 2:
        return binary_average_precision(predictions[:, 1].contiguous(), targets).item()
    return multiclass_average_precision(predictions, targets, predictions.shape[1]).item()


def _mcc(predictions: "Tensor", targets: "Tensor") -> float:
    """Return scikit-learn's: torchmetrics' is up to one where only one of two classes is found."""
    from sklearn.metrics import matthews_corrcoef

    return float(matthews_corrcoef(targets.numpy(), predictions.argmax(dim=1).numpy()))


def _kappa(predictions: "Tensor", targets: "Tensor") -> float:
    from torchmetrics.functional.classification import multiclass_cohen_kappa

    found, classes = predictions.argmax(dim=1), predictions.shape[1]
    return multiclass_cohen_kappa(found, targets, classes).item()


def _quadratic_kappa(predictions: "Tensor", targets: "Tensor") -> float:
    from torchmetrics.functional.classification import multiclass_cohen_kappa

    found, classes = predictions.argmax(dim=1), predictions.shape[1]
    return multiclass_cohen_kappa(found, targets, classes, weights="quadratic").item()


METRICS = (
    Metric("accuracy", True, "label", _accuracy, ("categorization accuracy",)),
    Metric(
        "balanced_accuracy",
        True,
        "label",
        _balanced_accuracy,
        ("macro recall", "unweighted average recall"),
        tune_threshold=True,
        problems=_CLASSES,
    ),
    Metric("hamming_loss", False, "label", _hamming_loss),
    Metric(
        "log_loss",
        False,
        "probability",
        _log_loss,
        (
            "multiclass loss",
            "multiclass log loss",
            "binary log loss",
            "log loss (eps)",
            "cross entropy",
        ),
    ),
    Metric(
        "balanced_log_loss",
        False,
        "probability",
        _balanced_log_loss,
        ("balanced multiclass loss",),
        problems=_CLASSES,
    ),
    Metric("auc", True, "probability", _auc, ("roc auc", "auc roc"), only_order=True),
    Metric(
        "binary_gini",
        True,
        "probability",
        _gini,
        two_classes=True,
        only_order=True,
    ),
    Metric(
        "average_precision",
        True,
        "probability",
        _average_precision,
        ("auc pr",),
        only_order=True,
    ),
    Metric(
        "mcc",
        True,
        "label",
        _mcc,
        ("matthews correlation",),
        tune_threshold=True,
        problems=_CLASSES,
    ),
    Metric(
        "quadratic_weighted_kappa",
        True,
        "label",
        _quadratic_kappa,
        ("qwk", "kappa", "weighted kappa", "cohen kappa", "quadratic weighted cohen kappa"),
        tune_threshold=True,
        ordered=True,
        problems=_CLASSES,
    ),
    Metric(
        "unweighted_kappa",
        True,
        "label",
        _kappa,
        ("unweighted cohen kappa",),
        tune_threshold=True,
        problems=_CLASSES,
    ),
)
