"""Every metric gives scikit-learn's value, knows its direction, and is found by Kaggle's name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import stats
from sklearn import metrics as sk

from compete.errors import Fault
from compete.metrics import METRICS, Metric, find_metric, get_metric

TASK = "tabular"  # whose author has no metrics
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


def _map_at(k: int) -> Callable[[Array, Array], float]:
    """By hand, row by row: scikit-learn has none."""

    def score(p: Array, y: Array) -> float:
        tops = [list(np.argsort(-row)[:k]) for row in p]
        pairs = zip(tops, y, strict=True)
        return float(
            np.mean([1 / (top.index(true) + 1) if true in top else 0 for top, true in pairs])
        )

    return score


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


def _at(k: int, gain: Callable[[int], float]) -> Callable[[Array, Array], float]:
    """What the right class earns at its place among the first k, row by row."""

    def score(p: Array, y: Array) -> float:
        places = [1 + list(np.argsort(-row)).index(true) for row, true in zip(p, y, strict=True)]
        return float(np.mean([gain(place) if place <= k else 0 for place in places]))

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


@pytest.mark.parametrize("case", CASES)
def test_the_value_is_that_of_scikit_learn(case: str) -> None:
    name, predictions, targets, expected = CASES[case]
    score = get_metric(name).score
    found = score(torch.from_numpy(predictions), torch.from_numpy(targets))
    assert found == pytest.approx(float(expected(predictions, targets)), abs=1e-5)


def test_every_metric_is_compared() -> None:
    compared = {case[0] for case in CASES.values()}
    texts = {name for name, metric in METRICS.items() if metric.prediction == "text"}
    assert set(METRICS) - compared == texts == {"bleu", "chrf", *ERRORS}


SENTENCES = ["The cat sat on the mat.", "Où est le café aujourd'hui ?", "Hello, cruel world!"]
GUESSES = ["A cat sat on the mat.", "Où est café aujourd'hui ?", "Hello, cruel world!"]


def test_strings_are_scored_as_torchmetrics_scores_them() -> None:
    from torchmetrics.functional.text import chrf_score, sacre_bleu_score

    targets = [[sentence] for sentence in SENTENCES]
    expected = {
        "bleu": 100 * sacre_bleu_score(GUESSES, targets).item(),
        "chrf": 100 * float(chrf_score(GUESSES, targets, n_word_order=0)),  # type: ignore[arg-type]
    }
    for name, value in expected.items():
        score = get_metric(name).score
        assert score(GUESSES, SENTENCES) == pytest.approx(value, abs=0.1)
        assert score(SENTENCES, SENTENCES) == pytest.approx(100, abs=0.01)
        assert score([*GUESSES, ""], [*SENTENCES, "not said"]) < score(GUESSES, SENTENCES)


ERRORS = {  # of GUESSES: in characters The > A, le gone; in words 1 of 6, 1 of 6, 0 of 3
    "levenshtein": (3 + 3 + 0) / 3,
    "word_error_rate": (1 + 1 + 0) / (6 + 6 + 3),
    "character_error_rate": (3 + 3 + 0) / (23 + 28 + 19),
}


@pytest.mark.parametrize("name", ERRORS)
def test_edits_of_texts_are_counted(name: str) -> None:
    score = get_metric(name).score
    assert score(SENTENCES, SENTENCES) == 0
    assert score(GUESSES, SENTENCES) == pytest.approx(ERRORS[name], abs=1e-5)


def test_a_certain_wrong_prediction_costs_much_and_not_infinitely() -> None:
    score = get_metric("log_loss").score
    assert 30 < score(torch.tensor([[1.0, 0.0]]), torch.tensor([1])) < 40


def test_errors_are_minimized_and_all_else_maximized() -> None:
    for name, predictions, targets, _ in CASES.values():
        metric = get_metric(name)
        if metric.prediction == "label" and targets.ndim == 2:  # of rows without labels, F1 is 0
            predictions, targets = predictions[targets.any(1)], targets[targets.any(1)]
        right = np.eye(predictions.shape[1])[targets] if targets.ndim == 1 else targets
        found, best = (
            metric.score(torch.from_numpy(p), torch.from_numpy(targets))
            for p in (predictions, right.astype(predictions.dtype))
        )
        assert metric.better(best, found), name
        assert best == pytest.approx(best if name == "gini" else float(metric.maximize)), name
    assert {name for name in ERRORS if get_metric(name).maximize} == set()
    assert METRICS["rmse"].better(1.0, 2.0)
    assert METRICS["auc"].better(0.9, 0.8)
    assert not METRICS["auc"].better(0.8, 0.8)


def test_negative_targets_are_refused_for_rmsle() -> None:
    with pytest.raises(Fault, match="rmsle needs targets of zero or more"):
        get_metric("rmsle").score(torch.ones(2, 1), -torch.ones(2, 1))


def test_plain_f1_is_refused_for_many_classes() -> None:
    with pytest.raises(Fault, match=r"f1 needs two classes.*macro_f1"):
        get_metric("f1").score(torch.from_numpy(P), torch.from_numpy(Y))


@pytest.mark.parametrize("name", ["fbeta_2", "iou"])
def test_so_are_other_metrics_of_two_classes(name: str) -> None:
    with pytest.raises(Fault, match=f"{name} needs two classes"):
        get_metric(name).score(torch.from_numpy(P), torch.from_numpy(Y))


@pytest.mark.parametrize("name", ["pearson", "spearman", "normalized_gini"])
def test_a_constant_prediction_earns_nothing_and_is_no_error(name: str) -> None:
    score = get_metric(name).score
    assert score(torch.ones(4, 1), torch.tensor([[2.0], [1], [1], [2]])) == pytest.approx(
        0, abs=0.5
    )
    assert score(torch.tensor([[1.0], [2]]), torch.ones(2, 1)) == 0


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(Fault, match="rmspe needs targets other than zero"):
        get_metric("rmspe").score(torch.ones(2, 1), torch.zeros(2, 1))


def test_a_metric_of_a_number_is_one_and_the_same() -> None:
    metric = get_metric("map_at_7")
    assert (metric.name, metric.prediction, metric.top) == ("map_at_7", "ranking", 7)
    assert metric is find_metric("MAP@7")
    assert get_metric("quantile_0.90") is get_metric("quantile_0.9")
    assert get_metric("quantile_0.9").quantile == 0.9
    assert isinstance(get_metric("ndcg_at_10"), Metric)
