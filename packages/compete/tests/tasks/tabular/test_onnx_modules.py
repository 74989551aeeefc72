"""The parts that ONNX has no words for are replaced by parts that compute the same."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from compete.contract import Contract
from compete.problems import get_problem
from compete.tasks.tabular.encode import Encoded

pytest.importorskip("catboost")
ROWS = 120


def test_the_inverse_of_the_normal_distribution_is_that_of_torch() -> None:
    from compete.tasks.tabular.onnx_modules import ndtri

    p = torch.cat([torch.logspace(-12, -1, 50), torch.linspace(0.1, 0.999, 50)]).double()
    torch.testing.assert_close(ndtri(p), torch.special.ndtri(p), rtol=1e-12, atol=1e-12)


def test_quantiles_are_those_of_the_network() -> None:
    from compete.tasks.tabular.network import Normal
    from compete.tasks.tabular.onnx_modules import QuantileNormal

    numbers = torch.randn(300, 3)
    numbers[:, 1] = numbers[:, 1].round()  # many equal ones
    numbers[::7, 2] = torch.nan
    normal = Normal(numbers)
    wider = torch.cat([numbers, 10 * numbers])
    torch.testing.assert_close(QuantileNormal(normal)(wider), normal(wider), rtol=1e-5, atol=1e-5)


def test_one_hot_codes_are_those_of_torch() -> None:
    from compete.tasks.tabular.one_hot import OneHot

    codes = torch.tensor([[0, 2], [1, 0]])
    assert OneHot([2, 3])(codes).tolist() == [[1, 0, 0, 0, 1], [0, 1, 1, 0, 0]]


KINDS: dict[str, dict[str, Any]] = {
    "two": {"classes": ["a", "b"]},
    "three": {"classes": ["a", "b", "c"]},
    "number": {"problem": "regression", "metric": "rmse", "classes": [], "prediction": "value"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_trees_predict_what_catboost_does(contract: Callable[..., Contract], kind: str) -> None:
    from compete.tasks.tabular.boosting import Boosting
    from compete.tasks.tabular.onnx_modules import Trees

    problem = get_problem(contract(**KINDS[kind]))
    chance = np.random.default_rng(0)
    numbers = chance.random((ROWS, 3)).astype(np.float32)
    numbers[::5, 0] = np.nan
    targets = torch.from_numpy(chance.integers(0, max(2, problem.outputs), ROWS))
    targets = targets[:, None].float() if kind == "number" else targets
    codes = np.zeros((ROWS, 0), dtype=np.int64)
    model = Boosting(problem, trees=20, depth=3, lr=0.3, bags=2, seed=0)
    groups = np.arange(len(targets))
    model.fit(Encoded(numbers, codes), targets, groups, torch.ones(problem.outputs))
    given = torch.from_numpy(numbers), torch.from_numpy(codes)
    torch.testing.assert_close(Trees(model, problem)(*given), model(*given), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("classes", [2, 10])
def test_trees_skip_the_features_that_say_the_same_twice(
    contract: Callable[..., Contract], classes: int
) -> None:
    """Means beside a category, or with many classes the category beside its means."""
    from compete.tasks.tabular.boosting import Boosting
    from compete.tasks.tabular.onnx_modules import Trees

    problem = get_problem(contract(classes=[str(n) for n in range(classes)]))
    chance = np.random.default_rng(0)
    numbers = chance.random((ROWS, 3)).astype(np.float32)
    codes = np.arange(ROWS)[:, None] % 20 if classes == 10 else np.zeros((ROWS, 0), dtype=np.int64)
    targets = torch.from_numpy((numbers[:, [0, 2]].sum(axis=1) * classes / 2).astype(np.int64))
    model = Boosting(problem, trees=20, depth=3, lr=0.3, bags=1, seed=0)
    model.fit(Encoded(numbers, codes, [1]), targets, np.arange(len(targets)), torch.ones(classes))
    used = model.models["0-0"].get_feature_importance() > 0
    assert used.tolist() == ([True, False, True] if classes == 2 else [True, True, True, False])
    given = torch.from_numpy(numbers), torch.from_numpy(codes)
    torch.testing.assert_close(Trees(model, problem)(*given), model(*given), rtol=1e-6, atol=1e-6)


def test_trees_that_split_by_categories_are_refused(contract: Callable[..., Contract]) -> None:
    from compete.export.demo import NotExportable
    from compete.tasks.tabular.boosting import Boosting
    from compete.tasks.tabular.onnx_modules import Trees

    problem = get_problem(contract(classes=["a", "b"]))
    codes = np.random.default_rng(0).integers(0, 2, (ROWS, 1))
    model = Boosting(problem, trees=5, depth=2, lr=0.3, bags=2, seed=0)
    rows = Encoded(np.zeros((ROWS, 0), dtype=np.float32), codes)
    model.fit(rows, torch.from_numpy(codes[:, 0]), np.arange(len(codes)), torch.ones(2))
    with pytest.raises(NotExportable, match="categories"):
        Trees(model, problem)
