"""Predictions and targets of each kind, and what each metric makes of them by another library."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn import metrics as sk

Array = NDArray[Any]
RANDOM = np.random.default_rng(7)
ROWS, CLASSES, LABELS = 300, 4, 3
P = RANDOM.dirichlet(np.ones(CLASSES), ROWS).astype(np.float32)
Y = RANDOM.integers(CLASSES, size=ROWS)
P2 = RANDOM.dirichlet(np.ones(2), ROWS).astype(np.float32)
Y2 = RANDOM.integers(2, size=ROWS)
PM = RANDOM.random((ROWS, LABELS)).astype(np.float32)
YM = RANDOM.integers(2, size=(ROWS, LABELS)).astype(np.float32)
V = (10 * RANDOM.random((ROWS, 2))).astype(np.float32)
T = (10 * RANDOM.random((ROWS, 2))).astype(np.float32)
T[:30], V[:10] = 0, 0  # shops that are closed
PX, YX = P[Y != 2], Y[Y != 2]  # a class that no row has


def _columns(score: Callable[..., Any]) -> Callable[[Array, Array], float]:
    """The mean over the columns of a score of truth and prediction."""
    return lambda p, y: float(np.mean([score(t, v) for t, v in zip(y.T, p.T, strict=True)]))


def _gini(y: Array, p: Array) -> float:
    """The area between the Lorenz curve and the diagonal, step by step."""
    order = sorted(range(len(y)), key=lambda i: (-float(p[i]), i))
    total, seen, area = float(y.astype(float).sum()), 0.0, 0.0
    for place, row in enumerate(order, start=1):
        seen += float(y[row])
        area += seen / total - place / len(y)
    return area / len(y)


def _smape(y: Array, p: Array) -> float:
    pairs = [(float(a), float(b)) for a, b in zip(y, p, strict=True)]
    return float(np.mean([200 * abs(a - b) / (a + b) if a + b else 0 for a, b in pairs]))


def _rmspe(y: Array, p: Array) -> float:
    pairs = [(float(a), float(b)) for a, b in zip(y, p, strict=True) if a]
    return float(np.mean([((a - b) / a) ** 2 for a, b in pairs]) ** 0.5)


def _balanced_log_loss(p: Array, y: Array) -> float:
    weights = 1 / np.bincount(y)[y]
    return float(sk.log_loss(y, p, sample_weight=weights, labels=range(p.shape[1])))


def _map_at(k: int) -> Callable[[Array, Array], float]:
    """By hand, row by row: scikit-learn has none."""

    def score(p: Array, y: Array) -> float:
        places = [1 + list(np.argsort(-row)).index(true) for row, true in zip(p, y, strict=True)]
        return float(np.mean([1 / place if place <= k else 0 for place in places]))

    return score


def _one_hot(y: Array) -> Array:
    return np.eye(CLASSES)[y]


CASES: dict[str, tuple[str, Array, Array, Callable[[Array, Array], float]]] = {
    "accuracy": ("accuracy", P, Y, lambda p, y: sk.accuracy_score(y, p.argmax(1))),
    "accuracy, labels": ("accuracy", PM, YM, lambda p, y: sk.accuracy_score(y, p > 0.5)),
    "log_loss": ("log_loss", P, Y, lambda p, y: sk.log_loss(y, p)),
    "log_loss, two classes": ("log_loss", P2, Y2, lambda p, y: sk.log_loss(y, p[:, 1])),
    "log_loss, labels": (
        "log_loss",
        PM,
        YM,
        lambda p, y: np.mean([sk.log_loss(y[:, i], p[:, i]) for i in range(LABELS)]),
    ),
    "auc": ("auc", P, Y, lambda p, y: sk.roc_auc_score(y, p, multi_class="ovr")),
    "auc, two classes": ("auc", P2, Y2, lambda p, y: sk.roc_auc_score(y, p[:, 1])),
    "auc, labels": ("auc", PM, YM, lambda p, y: sk.roc_auc_score(y, p)),
    "f1, two classes": ("f1", P2, Y2, lambda p, y: sk.f1_score(y, p.argmax(1))),
    "f1, labels": (
        "f1",
        PM,
        YM,
        lambda p, y: sk.f1_score(y, p > 0.5, average="samples", zero_division=0),
    ),
    "macro_f1": ("macro_f1", P, Y, lambda p, y: sk.f1_score(y, p.argmax(1), average="macro")),
    "macro_f1, labels": (
        "macro_f1",
        PM,
        YM,
        lambda p, y: sk.f1_score(y, p > 0.5, average="macro"),
    ),
    "micro_f1": ("micro_f1", P, Y, lambda p, y: sk.f1_score(y, p.argmax(1), average="micro")),
    "micro_f1, labels": (
        "micro_f1",
        PM,
        YM,
        lambda p, y: sk.f1_score(y, p > 0.5, average="micro"),
    ),
    "quadratic_weighted_kappa": (
        "quadratic_weighted_kappa",
        P,
        Y,
        lambda p, y: sk.cohen_kappa_score(y, p.argmax(1), weights="quadratic"),
    ),
    "rmse": ("rmse", V[:, :1], T[:, :1], lambda p, y: sk.root_mean_squared_error(y, p)),
    "rmse, columns": ("rmse", V, T, _columns(sk.root_mean_squared_error)),
    "rmsle": ("rmsle", V[:, :1], T[:, :1], lambda p, y: sk.root_mean_squared_log_error(y, p)),
    "mae": ("mae", V, T, lambda p, y: sk.mean_absolute_error(y, p)),
    "r2": ("r2", V, T, lambda p, y: sk.r2_score(y, p)),
    "map_at_3": ("map_at_3", P, Y, _map_at(3)),
    "map_at_5": ("map_at_5", P, Y, _map_at(5)),
    "map_at_2": ("map_at_2", P, Y, _map_at(2)),
    "ndcg_at_3": ("ndcg_at_3", P, Y, lambda p, y: sk.ndcg_score(_one_hot(y), p, k=3)),
    "error_at_2": ("error_at_2", P, Y, lambda p, y: 1 - sk.top_k_accuracy_score(y, p, k=2)),
    "balanced_accuracy": (
        "balanced_accuracy",
        PX,
        YX,
        lambda p, y: np.mean([np.mean(p[y == k].argmax(1) == k) for k in np.unique(y)]),
    ),
    "hamming_loss": ("hamming_loss", P, Y, lambda p, y: sk.hamming_loss(y, p.argmax(1))),
    "hamming_loss, labels": ("hamming_loss", PM, YM, lambda p, y: sk.hamming_loss(y, p > 0.5)),
    "balanced_log_loss": ("balanced_log_loss", P, Y, _balanced_log_loss),
    "balanced_log_loss, a class less": ("balanced_log_loss", PX, YX, _balanced_log_loss),
    "binary_gini": ("binary_gini", P2, Y2, lambda p, y: _gini(y, p[:, 1]) / _gini(y, y)),
    "average_precision": (
        "average_precision",
        P2,
        Y2,
        lambda p, y: sk.average_precision_score(y, p[:, 1]),
    ),
    "average_precision, classes": (
        "average_precision",
        P,
        Y,
        lambda p, y: sk.average_precision_score(_one_hot(y), p),
    ),
    "average_precision, labels": (
        "average_precision",
        PM,
        YM,
        lambda p, y: sk.average_precision_score(y, p),
    ),
    "weighted_f1": (
        "weighted_f1",
        P,
        Y,
        lambda p, y: sk.f1_score(y, p.argmax(1), average="weighted"),
    ),
    "fbeta_2": ("fbeta_2", P2, Y2, lambda p, y: sk.fbeta_score(y, p.argmax(1), beta=2)),
    "fbeta_0.5, labels": (
        "fbeta_0.5",
        PM,
        YM,
        lambda p, y: sk.fbeta_score(y, p > 0.5, beta=0.5, average="samples", zero_division=0),
    ),
    "macro_fbeta_2": (
        "macro_fbeta_2",
        P,
        Y,
        lambda p, y: sk.fbeta_score(y, p.argmax(1), beta=2, average="macro"),
    ),
    "micro_fbeta_2, labels": (
        "micro_fbeta_2",
        PM,
        YM,
        lambda p, y: sk.fbeta_score(y, p > 0.5, beta=2, average="micro"),
    ),
    "iou": ("iou", P2, Y2, lambda p, y: sk.jaccard_score(y, p.argmax(1))),
    "iou, labels": (
        "iou",
        PM,
        YM,
        lambda p, y: sk.jaccard_score(y, p > 0.5, average="samples", zero_division=0),
    ),
    "mcc": ("mcc", P, Y, lambda p, y: sk.matthews_corrcoef(y, p.argmax(1))),
    "mcc, two classes": ("mcc", P2, Y2, lambda p, y: sk.matthews_corrcoef(y, p.argmax(1))),
    "unweighted_kappa": (
        "unweighted_kappa",
        P,
        Y,
        lambda p, y: sk.cohen_kappa_score(y, p.argmax(1)),
    ),
    "rmsle, columns": ("rmsle", V, T, _columns(sk.root_mean_squared_log_error)),
    "mse": ("mse", V, T, lambda p, y: sk.mean_squared_error(y, p)),
    "msle": ("msle", V, T, lambda p, y: sk.mean_squared_log_error(y, p)),
    "median_absolute_error": (
        "median_absolute_error",
        V,
        T,
        lambda p, y: sk.median_absolute_error(y, p),
    ),
    "mape": ("mape", V[30:], T[30:], lambda p, y: np.mean(np.abs(y - p) / y)),
    "smape": ("smape", V, T, _columns(_smape)),
    "rmspe": ("rmspe", V, T, _columns(_rmspe)),
    "pearson": ("pearson", V, T, _columns(lambda y, p: stats.pearsonr(y, p).statistic)),
    "spearman": ("spearman", V, T, _columns(lambda y, p: stats.spearmanr(y, p).statistic)),
    "spearman, ties": (
        "spearman",
        V.round(),
        T.round(),
        _columns(lambda y, p: stats.spearmanr(y, p).statistic),
    ),
    "gini": ("gini", V, T, _columns(_gini)),
    "gini, ties": ("gini", V.round(), T.round(), _columns(_gini)),
    "normalized_gini": (
        "normalized_gini",
        V.round(),
        T,
        _columns(lambda y, p: _gini(y, p) / _gini(y, y)),
    ),
    "quantile_0.9": ("quantile_0.9", V, T, lambda p, y: sk.mean_pinball_loss(y, p, alpha=0.9)),
}
