"""A threshold is fitted where the metric asks for one, and scored on rows it was not fitted on."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from conftest import Package


def rare(seed: int, rows: int = 4000) -> tuple[Any, Any, Any]:
    """Calibrated probabilities of a class that is rare, the truth, and five folds."""
    import torch

    chance = np.random.default_rng(seed)
    p = chance.beta(1, 5, rows)
    truth = torch.from_numpy((chance.random(rows) < p).astype(np.int64))
    return torch.from_numpy(np.stack([1 - p, p], axis=1)), truth, np.arange(rows) % 5


@pytest.mark.parametrize("seed", range(3))
def test_f1_of_a_rare_class_gains_by_a_lower_threshold(
    package: Package, contract: Callable[..., Any], seed: int
) -> None:
    made = contract(metric="f1", classes=[0, 1])
    answers, truth, folds = rare(seed)
    threshold, decided = package("modeling.decide").fit_threshold(made, answers, truth, folds)
    assert 0.1 < threshold < 0.45
    score = made.scoring.score
    assert score(decided, truth) > score(answers, truth) + 0.05
    new, hidden, _ = rare(seed + 100)
    there = score(package("modeling.decide").moved(new, threshold), hidden)
    assert score(decided, truth) == pytest.approx(there, abs=0.04), "new rows score the same"


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
    package: Package, contract: Callable[..., Any], changes: dict[str, Any]
) -> None:
    answers, truth, folds = rare(0, rows=50)
    made = contract(**changes)
    threshold, decided = package("modeling.decide").fit_threshold(made, answers, truth, folds)
    assert threshold == 0.5
    assert decided is answers
