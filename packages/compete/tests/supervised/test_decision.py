"""A decision is fitted where the metric asks for one, and scored on rows it was not fitted on."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from compete.contract import Contract
from compete.problems import get_problem
from compete.supervised.decision import Decision, fit_decision


def rare(seed: int, rows: int = 4000) -> tuple[Tensor, Tensor, NDArray[np.int64]]:
    """Calibrated probabilities of a class that is rare, the targets, and five folds."""
    chance = np.random.default_rng(seed)
    p = chance.beta(1, 5, rows)
    targets = torch.from_numpy((chance.random(rows) < p).astype(np.int64))
    return torch.from_numpy(np.stack([1 - p, p], axis=1)), targets, np.arange(rows) % 5


@pytest.mark.parametrize("seed", range(3))
def test_f1_of_a_rare_class_gains_by_a_lower_threshold(
    contract: Callable[..., Contract], seed: int
) -> None:
    made = contract(metric="f1", classes=[0, 1])
    predictions, targets, folds = rare(seed)
    decision, decided = fit_decision(get_problem(made), predictions, targets, folds)
    assert 0.1 < decision.threshold < 0.45
    score = made.scoring.score
    assert score(decided, targets) > score(predictions, targets) + 0.05
    new, hidden, _ = rare(seed + 100)
    there = score(decision.apply(new), hidden)
    assert score(decided, targets) == pytest.approx(there, abs=0.04), "new rows score the same"


@pytest.mark.parametrize("metric", ["fbeta_2", "mcc", "iou", "balanced_accuracy"])
def test_so_do_other_metrics_of_hard_labels(contract: Callable[..., Contract], metric: str) -> None:
    made = contract(metric=metric, classes=[0, 1])
    predictions, targets, folds = rare(0, rows=1000)
    decision, decided = fit_decision(get_problem(made), predictions, targets, folds)
    assert decision.threshold < 0.45
    assert made.scoring.score(decided, targets) > made.scoring.score(predictions, targets) + 0.02


@pytest.mark.parametrize(
    "changes",
    [
        {"metric": "accuracy"},
        {"metric": "log_loss", "prediction": "probability"},
        {"metric": "macro_f1", "classes": ["a", "b", "c"]},
        {"metric": "micro_f1", "problem": "multilabel"},
    ],
)
def test_elsewhere_one_half_stays(
    contract: Callable[..., Contract], changes: dict[str, Any]
) -> None:
    predictions, targets, folds = rare(0, rows=50)
    made = contract(**changes)
    decision, decided = fit_decision(get_problem(made), predictions, targets, folds)
    assert decision == Decision()
    assert decided is predictions


def ordered(seed: int, rows: int = 2000) -> tuple[Tensor, Tensor, NDArray[np.int64]]:
    """Calibrated probabilities of five ordered classes, the first the most frequent; and folds."""
    chance = np.random.default_rng(seed)
    edges = np.array([-np.inf, 0.7, 1.0, 1.8, 2.4, np.inf])
    known, rest = chance.normal(size=rows), 1.2
    level = known + chance.normal(0, rest, rows)
    targets = torch.from_numpy(np.searchsorted(edges[1:-1], level))
    below = torch.special.ndtr(torch.from_numpy((edges - known[:, None]) / rest))
    return below.diff(dim=1), targets, np.arange(rows) % 5


@pytest.mark.parametrize("seed", range(3))
def test_kappa_gains_by_cut_points_of_the_mean_class(
    contract: Callable[..., Contract], seed: int
) -> None:
    made = contract(metric="quadratic_weighted_kappa", classes=[0, 1, 2, 3, 4])
    predictions, targets, folds = ordered(seed)
    decision, decided = fit_decision(get_problem(made), predictions, targets, folds)
    assert list(decision.cut_points) == sorted(decision.cut_points)
    score = made.scoring.score
    assert score(decided, targets) > score(predictions, targets) + 0.1
    new, hidden, _ = ordered(seed + 100)
    there = score(decision.apply(new), hidden)
    assert score(decided, targets) == pytest.approx(there, abs=0.04), "new rows score the same"


def test_cut_points_say_which_class_a_mean_falls_in() -> None:
    rows = torch.tensor([[0.9, 0.1, 0.0], [0.5, 0.4, 0.1], [0.4, 0.2, 0.4], [0.0, 0.1, 0.9]])
    decision = Decision(cut_points=(0.5, 1.8))
    assert str(decision) == "cut points of the mean class at 0.50, 1.80"
    decided = decision.apply(rows)
    assert not isinstance(decided, list)
    assert decided.argmax(dim=1).tolist() == [0, 1, 1, 2]  # means of 0.1, 0.6, 1.0 and 1.9


def test_there_are_no_cut_points_where_the_most_probable_class_is_right(
    contract: Callable[..., Contract],
) -> None:
    made = contract(metric="quadratic_weighted_kappa", classes=[0, 1, 2])
    targets = torch.from_numpy(np.random.default_rng(0).integers(0, 3, 60))
    sure = torch.nn.functional.one_hot(targets, 3).double()
    decision, decided = fit_decision(get_problem(made), sure, targets, np.arange(60) % 5)
    assert decision == Decision()
    assert decided is sure


@pytest.mark.parametrize("metric", ["f1", "mcc"])
def test_the_rows_of_a_single_hold_out_are_parted(
    contract: Callable[..., Contract], metric: str
) -> None:
    made = contract(metric=metric, classes=[0, 1])
    predictions, targets, folds = rare(0)
    decision, _ = fit_decision(get_problem(made), predictions, targets, folds * 0)
    assert 0.1 < decision.threshold < 0.45
