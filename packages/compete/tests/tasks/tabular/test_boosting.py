"""Boosted trees are fitted to the loss of the metric."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from compete.contract import Contract
from compete.problems import get_problem
from compete.tasks.tabular.encode import Encoded

pytest.importorskip("catboost")
ROWS = 2000


@pytest.mark.parametrize(("metric", "share"), [("quantile_0.9", 0.9), ("mae", 0.5)])
def test_as_many_targets_lie_below_as_the_quantile_says(
    contract: Callable[..., Contract], metric: str, share: float
) -> None:
    from compete.tasks.tabular.boosting import Boosting

    made = contract(problem="regression", metric=metric, classes=[], prediction="value")
    chance = np.random.default_rng(0)
    numbers = chance.random((ROWS, 1)).astype(np.float32)
    targets = torch.from_numpy(numbers + chance.exponential(size=(ROWS, 1)).astype(np.float32))
    codes = np.zeros((ROWS, 0), dtype=np.int64)
    model = Boosting(get_problem(made), trees=100, depth=3, lr=0.1, bags=2, seed=0)
    model.fit(Encoded(numbers, codes), targets, torch.ones(1))
    found = model(torch.from_numpy(numbers), torch.from_numpy(codes)).mean(dim=1)
    assert (targets < found).float().mean().item() == pytest.approx(share, abs=0.05)
