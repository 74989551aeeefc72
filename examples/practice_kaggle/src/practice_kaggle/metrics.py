"""Kaggle's metrics by name, computed by scikit-learn: each with its direction and its input."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .errors import PracticeError

Kind = Literal["label", "probability", "value", "ranking"]
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Metric:
    """`compute(truth, prediction)`: both of shape (rows, columns) with one column per target.

    For "label" and "ranking" they hold strings, else floats; for "probability" over several
    classes `truth` is one-hot.
    """

    name: str
    kind: Kind
    greater_is_better: bool
    compute: Callable[[Array, Array], float]


def _log_loss(truth: Array, prediction: Array) -> float:
    from sklearn.metrics import log_loss

    if prediction.shape[1] == 1:
        return float(log_loss(truth[:, 0], _clip(prediction[:, 0]), labels=[0, 1]))
    rows = _clip(prediction)
    rows = rows / rows.sum(axis=1, keepdims=True)  # Kaggle rescales each row to sum to one
    return float(log_loss(truth.argmax(axis=1), rows, labels=list(range(rows.shape[1]))))


def _columnwise_log_loss(truth: Array, prediction: Array) -> float:
    from sklearn.metrics import log_loss

    columns = range(truth.shape[1])
    return float(
        np.mean([log_loss(truth[:, i], _clip(prediction[:, i]), labels=[0, 1]) for i in columns])
    )


def _clip(probability: Array) -> Array:
    return np.clip(probability, 1e-15, 1 - 1e-15)


def _auc(truth: Array, prediction: Array) -> float:
    from sklearn.metrics import roc_auc_score

    columns = range(truth.shape[1])
    return float(np.mean([roc_auc_score(truth[:, i], prediction[:, i]) for i in columns]))


def _f1(average: str) -> Callable[[Array, Array], float]:
    def compute(truth: Array, prediction: Array) -> float:
        from sklearn.metrics import f1_score

        if truth.shape[1] > 1:  # one 0/1 column per label
            return float(f1_score(truth == "1", prediction == "1", average=average))
        if average == "binary":
            return float(f1_score(truth[:, 0] == "1", prediction[:, 0] == "1"))
        return float(f1_score(truth[:, 0], prediction[:, 0], average=average))

    return compute


def _accuracy(truth: Array, prediction: Array) -> float:
    from sklearn.metrics import accuracy_score

    if truth.shape[1] == 1:
        return float(accuracy_score(truth[:, 0], prediction[:, 0]))
    return float((truth == prediction).all(axis=1).mean())


def _kappa(truth: Array, prediction: Array) -> float:
    from sklearn.metrics import cohen_kappa_score

    ranks = [np.round(a[:, 0].astype(float)).astype(int) for a in (truth, prediction)]
    return float(cohen_kappa_score(*ranks, weights="quadratic"))


def _regression(function: str) -> Callable[[Array, Array], float]:
    def compute(truth: Array, prediction: Array) -> float:
        from sklearn import metrics

        score = getattr(metrics, function)
        return float(np.mean([score(t, p) for t, p in zip(truth.T, prediction.T, strict=True)]))

    return compute


def _map_at(k: int) -> Callable[[Array, Array], float]:
    def compute(truth: Array, prediction: Array) -> float:
        total = 0.0
        for wanted, ranking in zip(truth[:, 0], prediction[:, 0], strict=True):
            right, hits, gain = set(wanted.split()), 0, 0.0
            for place, guess in enumerate(dict.fromkeys(ranking.split()[:k]), start=1):
                if guess in right:
                    hits += 1
                    gain += hits / place
            total += gain / min(len(right), k)
        return total / len(truth)

    return compute


_METRICS = [
    Metric("accuracy", "label", True, _accuracy),
    Metric("log_loss", "probability", False, _log_loss),
    Metric("mean_columnwise_log_loss", "probability", False, _columnwise_log_loss),
    Metric("auc", "probability", True, _auc),
    Metric("f1", "label", True, _f1("binary")),
    Metric("macro_f1", "label", True, _f1("macro")),
    Metric("micro_f1", "label", True, _f1("micro")),
    Metric("weighted_f1", "label", True, _f1("weighted")),
    Metric("quadratic_weighted_kappa", "label", True, _kappa),
    Metric("rmse", "value", False, _regression("root_mean_squared_error")),
    Metric("rmsle", "value", False, _regression("root_mean_squared_log_error")),
    Metric("mae", "value", False, _regression("mean_absolute_error")),
    Metric("mse", "value", False, _regression("mean_squared_error")),
    Metric("r2", "value", True, _regression("r2_score")),
]

# Kaggle's own names, in the spelling of `_plain`, for each of ours.
_KAGGLE_NAMES = {
    "accuracy": "categorizationaccuracy accuracyscore meanaccuracy",
    "log_loss": "logloss multiclassloss multiclasslogloss logarithmicloss binarylogloss",
    "mean_columnwise_log_loss": "meancolumnwiselogloss meancolumnwiselogarithmicloss",
    "auc": "areaunderreceiveroperatingcharacteristiccurve rocauc rocaucscore"
    " areaundertheroccurve meancolumnwiseareaunderreceiveroperatingcharacteristiccurve"
    " meancolumnwiseauc meancolumnwiserocauc",
    "f1": "f1score fscore meanfscore fscorebeta",
    "macro_f1": "f1macro macrof1score macrofscore meanf1scoremacro fscoremacro macroaveragedf1score",
    "micro_f1": "f1micro microf1score microfscore fscoremicro microaveragedf1score fscorebetamicro",
    "weighted_f1": "f1weighted weightedf1score weightedfscore",
    "quadratic_weighted_kappa": "quadraticweightedkappa qwk cohenkappascore",
    "rmse": "rootmeansquarederror rootmeansquarederrorrmse mcrmse meancolumnwiserootmeansquarederror"
    " meancolumnwisermse mcrmsemeancolumnwiserootmeansquarederror",
    "rmsle": "rootmeansquaredlogarithmicerror rootmeansquaredlogerror meancolumnwisermsle",
    "mae": "meanabsoluteerror meancolumnwisemeanabsoluteerror",
    "mse": "meansquarederror",
    "r2": "r2score rsquared coefficientofdetermination",
}
_ALIASES = {
    alias: metric
    for metric in _METRICS
    for alias in [metric.name.replace("_", ""), *_KAGGLE_NAMES[metric.name].split()]
}
_MAP_AT = re.compile(r"(?:map|meanaverageprecision)(?:at)?(\d+)")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().replace("²", "2").replace("@", "at"))


def find_metric(name: str) -> Metric:
    """The metric called `name` by Kaggle or by us, whatever its case, spaces and hyphens."""
    plain = _plain(name)
    if metric := _ALIASES.get(plain):
        return metric
    if match := _MAP_AT.fullmatch(plain):
        k = int(match[1])
        return Metric(f"map_at_{k}", "ranking", True, _map_at(k))
    known = ", ".join([metric.name for metric in _METRICS] + ["map_at_K"])
    raise PracticeError(f"No metric is called {name!r}. Use Kaggle's name or one of: {known}.")
