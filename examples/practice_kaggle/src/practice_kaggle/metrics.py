"""Computes Kaggle's metrics with scikit-learn, those of texts with sacreBLEU.

Each takes truth and prediction of shape (rows, columns), a column for each target: strings for
labels, rankings and texts, else floats. With probabilities of several classes, the truth is
one-hot.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from .errors import PracticeError
from .metric_names import Metric

Array = np.ndarray[Any, Any]
Compute = Callable[[Array, Array], float]


def compute(metric: Metric, truth: Array, prediction: Array) -> float:
    """Return the score.

    Args:
        metric: what scores.
        truth: an array (rows, columns).
        prediction: an array of the same shape.

    Raises:
        ValueError: the metric is not defined for these values.
        PracticeError: a package that it needs is missing.
    """
    if metric.kind == "ranking":
        score = _map_at(metric.k, truth, prediction)
    else:
        score = float(_METRICS[metric.name](truth, prediction))
    if not np.isfinite(score):
        raise ValueError("The metric is not defined for these values")
    return score


def _accuracy(truth: Array, prediction: Array) -> float:
    from sklearn.metrics import accuracy_score

    if truth.shape[1] == 1:
        return float(accuracy_score(truth[:, 0], prediction[:, 0]))
    return float((truth == prediction).all(axis=1).mean())


def _log_loss(truth: Array, prediction: Array) -> float:
    from sklearn.metrics import log_loss

    columns = truth.shape[1]
    p = np.clip(prediction, 1e-15, 1 - 1e-15)
    if columns > 1 and (truth.sum(axis=1) == 1).all():
        # One class per row: Kaggle rescales each row to sum to one.
        p = p / p.sum(axis=1, keepdims=True)
        return float(log_loss(truth.argmax(axis=1), p, labels=list(range(columns))))
    losses = [log_loss(truth[:, i], p[:, i], labels=[0, 1]) for i in range(columns)]
    return float(np.mean(losses))


def _auc(truth: Array, prediction: Array) -> float:
    from sklearn.metrics import roc_auc_score

    columns = range(truth.shape[1])
    return float(np.mean([roc_auc_score(truth[:, i], prediction[:, i]) for i in columns]))


def _f1(average: str) -> Compute:
    def score(truth: Array, prediction: Array) -> float:
        from sklearn.metrics import f1_score

        if truth.shape[1] > 1:  # several labels, each a column of 0 and 1
            truth, prediction = truth == "1", prediction == "1"
            several = "samples" if average == "binary" else average
            return float(f1_score(truth, prediction, average=several, zero_division=0))
        if average == "binary":
            return float(f1_score(truth[:, 0] == "1", prediction[:, 0] == "1", zero_division=0))
        return float(f1_score(truth[:, 0], prediction[:, 0], average=average, zero_division=0))

    return score


def _kappa(truth: Array, prediction: Array) -> float:
    from sklearn.metrics import cohen_kappa_score

    ranks = [np.round(values[:, 0].astype(float)).astype(int) for values in (truth, prediction)]
    return float(cohen_kappa_score(*ranks, weights="quadratic"))


def _labels(function: str) -> Compute:
    def score(truth: Array, prediction: Array) -> float:
        from sklearn import metrics

        return float(getattr(metrics, function)(truth[:, 0], prediction[:, 0]))

    return score


def _columns(function: str | Callable[[Array, Array], float]) -> Compute:
    """Return the mean over the columns of a score, one of scikit-learn's if it is named."""

    def score(truth: Array, prediction: Array) -> float:
        from sklearn import metrics

        one_column = getattr(metrics, function) if isinstance(function, str) else function
        columns = zip(truth.T, prediction.T, strict=True)
        return float(np.mean([one_column(t, p) for t, p in columns]))

    return score


def _smape(truth: Array, prediction: Array) -> float:
    size = np.abs(truth) + np.abs(prediction)
    return float(np.mean(200 * np.abs(truth - prediction) / np.where(size == 0, 1, size)))


def _rmspe(truth: Array, prediction: Array) -> float:
    truth, prediction = truth[truth != 0], prediction[truth != 0]
    return float(np.sqrt(np.mean(((truth - prediction) / truth) ** 2)))


def _pearson(truth: Array, prediction: Array) -> float:
    return float(np.corrcoef(truth, prediction)[0, 1])


def _spearman(truth: Array, prediction: Array) -> float:
    return _pearson(*(pl.Series(values).rank().to_numpy() for values in (truth, prediction)))


def _normalized_gini(truth: Array, prediction: Array) -> float:
    def gini(by: Array) -> float:
        found = truth[np.argsort(-by, kind="stable")].cumsum() / truth.sum()
        return float(found.sum() - (len(truth) + 1) / 2)

    return gini(prediction) / gini(truth)


def _text(function: str) -> Compute:
    def score(truth: Array, prediction: Array) -> float:
        try:
            import sacrebleu
        except ImportError:
            raise PracticeError(
                "sacreBLEU is needed: pip install 'practice-kaggle[text]'."
            ) from None

        found = getattr(sacrebleu, function)(prediction[:, 0].tolist(), [truth[:, 0].tolist()])
        return float(found.score)

    return score


def _map_at(k: int, truth: Array, prediction: Array) -> float:
    """Return MAP@k as Kaggle's evaluation pages define it; scikit-learn does not have it."""
    total = 0.0
    for wanted, ranking in zip(truth[:, 0], prediction[:, 0], strict=True):
        right, hits, gain = set(wanted.split()), 0, 0.0
        for place, guess in enumerate(dict.fromkeys(ranking.split()[:k]), start=1):
            if guess in right:
                hits += 1
                gain += hits / place
        total += gain / min(len(right), k)
    return total / len(truth)


_METRICS: dict[str, Compute] = {
    "accuracy": _accuracy,
    "log_loss": _log_loss,
    "auc": _auc,
    "f1": _f1("binary"),
    "macro_f1": _f1("macro"),
    "micro_f1": _f1("micro"),
    "weighted_f1": _f1("weighted"),
    "quadratic_weighted_kappa": _kappa,
    "balanced_accuracy": _labels("balanced_accuracy_score"),
    "mcc": _labels("matthews_corrcoef"),
    "unweighted_kappa": _labels("cohen_kappa_score"),
    "average_precision": _columns("average_precision_score"),
    "rmse": _columns("root_mean_squared_error"),
    "rmsle": _columns("root_mean_squared_log_error"),
    "mae": _columns("mean_absolute_error"),
    "mse": _columns("mean_squared_error"),
    "msle": _columns("mean_squared_log_error"),
    "median_absolute_error": _columns("median_absolute_error"),
    "mape": _columns("mean_absolute_percentage_error"),
    "smape": _columns(_smape),
    "rmspe": _columns(_rmspe),
    "pearson": _columns(_pearson),
    "spearman": _columns(_spearman),
    "normalized_gini": _columns(_normalized_gini),
    "r2": _columns("r2_score"),
    "bleu": _text("corpus_bleu"),
    "chrf": _text("corpus_chrf"),
}
