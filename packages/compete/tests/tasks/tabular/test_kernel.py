"""A linear model of kernel features learns what no linear model of the columns can."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from compete.contract import Contract
from compete.problems import Problem, get_problem
from compete.problems.base import TargetStats
from compete.tasks.tabular.encode import Encoded
from compete.tasks.tabular.kernel import Kernel

ROWS = 600
Make = Callable[..., Contract]


def fitted(
    made: Contract, rows: Encoded, targets: NDArray[np.generic], levels: list[int]
) -> tuple[Kernel, TargetStats]:
    """Return the model of the first half of the rows, and what is known of their targets."""
    problem, half = get_problem(made), len(targets) // 2
    known = torch.from_numpy(targets[:half])
    stats = problem.target_stats(known, class_weights=False)
    numbers = torch.from_numpy(rows.numbers[:half])
    model = Kernel(problem, numbers, levels, seed=0)
    half_rows = Encoded(rows.numbers[:half], rows.codes[:half])
    before = model.is_fitted
    model.fit(half_rows, known, np.arange(half) % 4, stats)
    assert [before, model.is_fitted] == [False, True]
    return model, stats


def rows_of(numbers: int, levels: int, gaps: float = 0.0) -> Encoded:
    chance = np.random.default_rng(0)
    values = chance.normal(size=(ROWS, numbers)).astype(np.float32)
    values[chance.random(values.shape) < gaps] = np.nan
    return Encoded(values, chance.integers(0, levels, (ROWS, 1)))


def predicted(model: Kernel, stats: TargetStats, rows: Encoded) -> torch.Tensor:
    half = slice(ROWS // 2, None)
    logits = model(torch.from_numpy(rows.numbers[half]), torch.from_numpy(rows.codes[half]))
    assert logits.shape[1] == 1
    return torch.as_tensor(model.problem.predictions(logits[:, 0], stats))


def test_a_circle_is_learned(contract: Make) -> None:
    rows = rows_of(2, 2)
    true = (np.square(rows.numbers).sum(axis=1) > 1.4).astype(np.int64)
    model, stats = fitted(contract(metric="accuracy", classes=[0, 1]), rows, true, [2])
    found = predicted(model, stats, rows).argmax(dim=1).numpy()
    assert (found == true[ROWS // 2 :]).mean() > 0.95


def test_mixed_precision_changes_nothing(contract: Make) -> None:
    rows = rows_of(4, 2)
    true = np.square(rows.numbers).sum(axis=1)[:, None].astype(np.float64)
    model, stats = fitted(
        contract(problem="regression", metric="rmse", classes=[], prediction="value"),
        rows,
        true,
        [2],
    )
    exact = predicted(model, stats, rows)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(predicted(model, stats, rows), exact)


def test_categories_and_gaps_are_read(contract: Make) -> None:
    rows = rows_of(1, 3, gaps=0.4)
    true = np.where(np.isnan(rows.numbers[:, 0]), 0, rows.codes[:, 0])
    model, stats = fitted(contract(metric="accuracy", classes=[0, 1, 2]), rows, true, [3])
    found = predicted(model, stats, rows).argmax(dim=1).numpy()
    assert (found == true[ROWS // 2 :]).mean() > 0.99


def test_values_are_learned(contract: Make) -> None:
    rows = rows_of(2, 2)
    made = contract(problem="regression", metric="rmse", classes=[], prediction="value")
    true = (100 + 10 * np.sin(2 * rows.numbers[:, :1]) * rows.numbers[:, 1:]).astype(np.float32)
    model, stats = fitted(made, rows, true, [2])
    error = (predicted(model, stats, rows) - torch.from_numpy(true[ROWS // 2 :])).square().mean()
    assert error < 0.1 * true.var()


def test_labels_are_learned_one_by_one(contract: Make) -> None:
    rows = rows_of(2, 2)
    made = contract(
        problem="multilabel", metric="micro_f1", target_columns=["a", "b"], classes=["a", "b"]
    )
    true = (rows.numbers > 0).astype(np.float32)
    model, stats = fitted(made, rows, true, [2])
    found = predicted(model, stats, rows) > 0.5
    assert (found.numpy() == (true[ROWS // 2 :] > 0.5)).mean() > 0.95


def test_noise_gets_a_strong_penalty(contract: Make) -> None:
    rows = rows_of(5, 2)
    true = np.random.default_rng(1).integers(0, 2, ROWS)
    made = contract(metric="log_loss", prediction="probability", classes=[0, 1])
    model, stats = fitted(made, rows, true, [2])
    assert predicted(model, stats, rows).std() < 0.1


@pytest.mark.parametrize("rows", [900, 60_000])
def test_large_tables_take_fewer_rows_and_landmarks(
    contract: Make, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from compete.tasks.tabular import kernel

    used: list[int] = []

    def choose(problem: Problem, x: NDArray[np.float64], *_: object) -> float:
        used.append(len(x))
        return 1.0

    monkeypatch.setattr(kernel, "best_l2", choose)
    numbers = np.random.default_rng(0).normal(size=(rows, 3)).astype(np.float32)
    known = Encoded(numbers, np.zeros((rows, 0), dtype=np.int64))
    targets = torch.from_numpy((numbers[:, 0] > 0).astype(np.int64))
    problem = get_problem(contract(metric="accuracy", classes=[0, 1]))
    model = Kernel(problem, torch.from_numpy(numbers), [], seed=0)
    stats = problem.target_stats(targets, class_weights=False)
    model.fit(known, targets, np.arange(rows) % 4, stats)
    assert used == [min(rows, 20_000)]
    assert len(model.landmarks) == (900 if rows == 900 else 300)
    found = model(torch.from_numpy(numbers[:500]), torch.zeros(500, 0, dtype=torch.long))
    assert (found[:, 0].argmax(dim=1) == targets[:500]).float().mean() > 0.9
