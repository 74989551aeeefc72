"""Every metric gives scikit-learn's value, knows its direction, and is found by Kaggle's name."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn import metrics as sk

from compete.errors import Fault
from compete.metrics import METRICS, find_metric, get_metric

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


def _map_at(k: int) -> Callable[[Array, Array], float]:
    """By hand, row by row: scikit-learn has none."""

    def score(p: Array, y: Array) -> float:
        tops = [list(np.argsort(-row)[:k]) for row in p]
        pairs = zip(tops, y, strict=True)
        return float(
            np.mean([1 / (top.index(true) + 1) if true in top else 0 for top, true in pairs])
        )

    return score


def _columnwise_rmse(p: Array, y: Array) -> float:
    return float(np.mean([sk.root_mean_squared_error(y[:, i], p[:, i]) for i in range(y.shape[1])]))


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
    "rmse, columns": ("rmse", V, T, _columnwise_rmse),
    "rmsle": ("rmsle", V[:, :1], T[:, :1], lambda p, y: sk.root_mean_squared_log_error(y, p)),
    "mae": ("mae", V, T, lambda p, y: sk.mean_absolute_error(y, p)),
    "r2": ("r2", V, T, lambda p, y: sk.r2_score(y, p)),
    "map_at_3": ("map_at_3", P, Y, _map_at(3)),
    "map_at_5": ("map_at_5", P, Y, _map_at(5)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_value_is_that_of_scikit_learn(case: str) -> None:
    name, predictions, targets, expected = CASES[case]
    score = get_metric(name).score
    found = score(torch.from_numpy(predictions), torch.from_numpy(targets))
    assert found == pytest.approx(float(expected(predictions, targets)), abs=1e-5)


def test_every_metric_is_compared() -> None:
    compared = {case[0] for case in CASES.values()} | {"bleu", "chrf"}
    assert compared == set(METRICS)


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


def test_a_certain_wrong_prediction_costs_much_and_not_infinitely() -> None:
    score = get_metric("log_loss").score
    assert 30 < score(torch.tensor([[1.0, 0.0]]), torch.tensor([1])) < 40


def test_errors_are_minimized_and_all_else_maximized() -> None:
    smaller = {name for name, metric in METRICS.items() if not metric.maximize}
    assert smaller == {"log_loss", "rmse", "rmsle", "mae"}
    assert METRICS["rmse"].better(1.0, 2.0)
    assert METRICS["auc"].better(0.9, 0.8)
    assert not METRICS["auc"].better(0.8, 0.8)


@pytest.mark.parametrize(
    ("kaggle", "ours"),
    [
        ("Categorization Accuracy", "accuracy"),
        ("Multiclass Loss", "log_loss"),
        ("Log Loss", "log_loss"),
        ("Area Under Receiver Operating Characteristic Curve", "auc"),
        ("Mean Columnwise AUC", "auc"),
        ("Mean F-Score", "f1"),
        ("MeanFScore", "f1"),
        ("Macro F-Score", "macro_f1"),
        ("F-Score (Micro)", "micro_f1"),
        ("QuadraticWeightedKappa", "quadratic_weighted_kappa"),
        ("Root Mean Squared Error", "rmse"),
        ("Root Mean Squared Logarithmic Error", "rmsle"),
        ("Mean Absolute Error", "mae"),
        ("R2 Score", "r2"),
        ("MAP@3", "map_at_3"),
        ("Mean Average Precision @ 5", "map_at_5"),
        ("log_loss", "log_loss"),
    ],
)
def test_a_metric_is_found_by_the_name_that_kaggle_gives_it(kaggle: str, ours: str) -> None:
    found = find_metric(kaggle)
    assert found is not None
    assert found.name == ours


@pytest.mark.usefixtures("author")
def test_an_unknown_metric_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(Fault, match=r"'Levenshtein'.*accuracy, log_loss, auc"):
        get_metric("Levenshtein")


def test_negative_targets_are_refused_for_rmsle() -> None:
    with pytest.raises(Fault, match="rmsle needs targets of zero or more"):
        get_metric("rmsle").score(torch.ones(2, 1), -torch.ones(2, 1))


def test_plain_f1_is_refused_for_many_classes() -> None:
    with pytest.raises(Fault, match=r"f1 needs two classes.*macro_f1"):
        get_metric("f1").score(torch.from_numpy(P), torch.from_numpy(Y))
