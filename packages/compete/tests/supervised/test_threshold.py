"""A threshold is fitted where the metric asks for one, and scored on rows it was not fitted on."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from compete.contract import Contract
from compete.problems import get_problem
from compete.supervised.threshold import apply_threshold, fit_threshold


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
    threshold, decided = fit_threshold(get_problem(made), predictions, targets, folds)
    assert 0.1 < threshold < 0.45
    score = made.scoring.score
    assert score(decided, targets) > score(predictions, targets) + 0.05
    new, hidden, _ = rare(seed + 100)
    there = score(apply_threshold(new, threshold), hidden)
    assert score(decided, targets) == pytest.approx(there, abs=0.04), "new rows score the same"


@pytest.mark.parametrize("metric", ["fbeta_2", "mcc", "iou", "balanced_accuracy"])
def test_so_do_other_metrics_of_hard_labels(contract: Callable[..., Contract], metric: str) -> None:
    made = contract(metric=metric, classes=[0, 1])
    predictions, targets, folds = rare(0, rows=1000)
    threshold, decided = fit_threshold(get_problem(made), predictions, targets, folds)
    assert threshold < 0.45
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
    threshold, decided = fit_threshold(get_problem(made), predictions, targets, folds)
    assert threshold == 0.5
    assert decided is predictions
