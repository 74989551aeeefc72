"""Boosted trees are fitted to the loss of the metric."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
import torch
from torch.nn.functional import cross_entropy

from compete.contract import Contract
from compete.problems import get_problem
from compete.tasks.tabular.encode import Encoded, encode

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
    model.fit(Encoded(numbers, codes), targets, np.arange(len(targets)), torch.ones(1))
    found = model(torch.from_numpy(numbers), torch.from_numpy(codes)).mean(dim=1)
    assert (targets < found).float().mean().item() == pytest.approx(share, abs=0.05)


def test_a_category_that_tells_nothing_does_no_harm(contract: Callable[..., Contract]) -> None:
    """Beside its category, a mean without a row's own target gives the target away."""
    from compete.tasks.tabular.boosting import Boosting

    problem, chance = get_problem(contract(metric="log_loss")), np.random.default_rng(0)
    table = pl.DataFrame({"x": chance.normal(size=ROWS), "c": chance.integers(0, 300, ROWS)})
    true = (chance.random(ROWS) < 1 / (1 + np.exp(-2 * table["x"].to_numpy()))).astype(np.int64)
    half, rest = slice(0, ROWS // 2), slice(ROWS // 2, ROWS)
    losses = []
    for kinds in ({"x": "number", "c": "category"}, {"x": "number"}):
        (known, hidden), _ = encode(
            *(table[half], [table[rest]], kinds, true[half, None] * 1.0, []),
            *(lambda known, rows: pl.DataFrame(), 0),
        )
        model = Boosting(problem, trees=300, depth=6, lr=0.1, bags=2, seed=0)
        model.fit(known, torch.from_numpy(true[half]), np.arange(ROWS // 2), torch.ones(2))
        logits = model(torch.from_numpy(hidden.numbers), torch.from_numpy(hidden.codes))
        mean = problem.mean_logits(logits)
        losses.append(cross_entropy(mean, torch.from_numpy(true[rest])).item())
    assert losses[0] < 1.05 * losses[1]


def test_of_many_classes_the_means_of_a_category_stand_for_it(
    contract: Callable[..., Contract],
) -> None:
    from compete.tasks.tabular.boosting import Boosting

    chance, classes = np.random.default_rng(0), [f"class {n}" for n in range(10)]
    problem = get_problem(contract(classes=classes))
    many, few = chance.integers(0, 40, ROWS), chance.integers(0, 3, ROWS)
    true = (many // 4 + (few == 0)) % 10
    table = pl.DataFrame({"many": many, "few": few}).cast(pl.String)
    (known,), _ = encode(
        *(table, [], {"many": "category", "few": "category"}, np.eye(10)[true], []),
        *(lambda known, rows: pl.DataFrame(), 0),
    )
    model = Boosting(problem, trees=60, depth=6, lr=0.3, bags=1, seed=0)
    model.fit(known, torch.from_numpy(true), np.arange(ROWS), torch.ones(10))
    found = model(torch.from_numpy(known.numbers), torch.from_numpy(known.codes))
    assert (found.mean(dim=1).argmax(dim=1).numpy() == true).mean() > 0.95
    importance = model.models["0-0"].get_feature_importance()
    assert importance[known.numbers.shape[1]] == 0  # the codes of `many`
    assert importance[known.numbers.shape[1] + 1] > 0


@pytest.mark.parametrize("bags", [1, 2, 7])
def test_a_model_leaves_out_a_fifth_of_the_rows_at_most(
    contract: Callable[..., Contract], monkeypatch: pytest.MonkeyPatch, bags: int
) -> None:
    from compete.tasks.tabular.boosting import Boosting

    shares: list[float] = []

    def record(
        model: Boosting, rows: Encoded, values: object, inside: np.ndarray, *_: object
    ) -> float:
        shares.append(inside.mean().item())
        return 0.0

    monkeypatch.setattr(Boosting, "_fit_one", record)
    model = Boosting(get_problem(contract()), trees=1, depth=1, lr=0.1, bags=bags, seed=0)
    rows = Encoded(np.zeros((70, 1), dtype=np.float32), np.zeros((70, 0), dtype=np.int64))
    model.fit(rows, torch.arange(70) % 2, np.arange(70), torch.ones(2))
    assert shares == pytest.approx([1 - 1 / max(5, bags)] * bags)


def test_rows_of_a_group_do_not_give_away_what_they_share(
    contract: Callable[..., Contract],
) -> None:
    """Columns that name the household predict its other members, and no other household."""
    from compete.tasks.tabular.boosting import Boosting

    problem, chance = get_problem(contract(metric="log_loss")), np.random.default_rng(0)
    group = np.arange(600) // 6
    numbers = chance.normal(size=(200, 3)).astype(np.float32)[group.tolist()]
    true = torch.from_numpy(chance.integers(0, 2, 200)[group])
    codes = np.zeros((600, 0), dtype=np.int64)
    others = torch.from_numpy(chance.normal(size=(1000, 3)).astype(np.float32))
    spread = []
    for groups in (group, np.arange(600)):
        model = Boosting(problem, trees=300, depth=6, lr=0.1, bags=2, seed=0)
        model.fit(Encoded(numbers, codes), true, groups, torch.ones(2))
        probability = problem.mean_logits(model(others, torch.zeros(1000, 0))).softmax(dim=1)
        spread.append(probability[:, 1].std().item())
    assert spread[0] < 0.5 * spread[1]  # there is nothing to know of other households


def test_a_single_group_is_left_out_in_part(contract: Callable[..., Contract]) -> None:
    from compete.tasks.tabular.boosting import Boosting

    rows = Encoded(np.arange(60, dtype=np.float32)[:, None], np.zeros((60, 0), dtype=np.int64))
    model = Boosting(get_problem(contract()), trees=5, depth=2, lr=0.3, bags=2, seed=0)
    model.fit(rows, torch.arange(60) // 30, np.zeros(60, dtype=np.int64), torch.ones(2))
    logits = model(torch.from_numpy(rows.numbers), torch.from_numpy(rows.codes))
    assert (logits.mean(dim=1).argmax(dim=1) == torch.arange(60) // 30).float().mean() > 0.9


def test_many_rows_or_classes_get_fewer_models_and_trees(
    contract: Callable[..., Contract],
) -> None:
    from compete.tasks.tabular.boosting import Boosting

    made = [get_problem(contract(classes=[str(n) for n in range(count)])) for count in (2, 8, 9)]
    assert [Boosting.auto_trees(problem) for problem in made] == [3000, 3000, 1000]
    assert [Boosting.auto_bags(*size) for size in ((25_000, 1), (3_000, 16))] == [5, 2]
