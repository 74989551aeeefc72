"""Folds: balanced, leak-free, each row once, the same for the same seed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from compete.contract import Contract
from compete.errors import Fault
from compete.problems import get_problem
from compete.supervised.folds import assign_folds, join_groups
from compete.supervised.holdout import holdout_for
from compete.supervised.settings import DataSettings

Folds = NDArray[np.int64]
Assign = Callable[..., tuple[Folds, str]]


@pytest.fixture
def assign(contract: Callable[..., Contract]) -> Assign:
    """`assign(table, folds=..., problem=...)` gives the folds and their kind."""

    def run(
        table: pl.DataFrame,
        duplicates: list[str] | None = None,
        *,
        problem: str = "classification",
        targets: list[str] | None = None,
        seed: int = 0,
        **options: Any,
    ) -> tuple[Folds, str]:
        made = contract(problem=problem, target_columns=targets or ["y"])
        names = pl.Series(duplicates or range(table.height)).cast(pl.String)
        settings = DataSettings(**options)
        # No column is shared with the test rows, so that only what is asked counts.
        holdout = holdout_for(table, pl.DataFrame({"id": [1]}), settings, made.target_columns)
        groups = join_groups(names, holdout.groups)
        return assign_folds(table, get_problem(made), groups, holdout, settings, seed)

    return run


def table(rows: int = 200) -> pl.DataFrame:
    """Nine a for one b, some groups, and a clock."""
    random = np.random.default_rng(1)
    return pl.DataFrame(
        {
            "y": ["b" if row % 10 == 0 else "a" for row in range(rows)],
            "value": random.random(rows),
            "patient": random.integers(40, size=rows),
            "when": random.permutation(rows),
            "gaps": [None, *range(1, rows)],
            "once": [1] * rows,
        }
    )


def test_every_row_is_in_one_fold_and_the_folds_are_of_one_size(assign: Assign) -> None:
    for options in ({}, {"fold_kind": "plain"}, {"problem": "regression", "targets": ["value"]}):
        found, _ = assign(table(), **options)
        assert np.bincount(found).tolist() == [40] * 5


def test_every_fold_has_its_share_of_the_rare_class(assign: Assign) -> None:
    rows = table()
    found, kind = assign(rows)
    rare = (rows["y"] == "b").to_numpy()
    assert kind == "stratified"
    assert np.bincount(found[rare]).tolist() == [4] * 5


def test_every_fold_has_its_share_of_small_and_large_values(assign: Assign) -> None:
    rows = table()
    found, _ = assign(rows, problem="regression", targets=["value"])
    lowest = rows["value"].rank().to_numpy() <= 20
    assert np.bincount(found[lowest], minlength=5).tolist() == [4] * 5


def test_every_fold_has_its_share_of_each_combination_of_labels(assign: Assign) -> None:
    rows = pl.DataFrame({"u": [0, 0, 1, 1] * 25, "v": [0, 1, 0, 1] * 25})
    found, _ = assign(rows, problem="multilabel", targets=["u", "v"])
    both = (rows["u"] & rows["v"]).to_numpy() == 1
    assert np.bincount(found[both]).tolist() == [5] * 5


def test_the_seed_alone_decides(assign: Assign) -> None:
    first, again, other = (assign(table(), seed=seed)[0] for seed in (3, 3, 4))
    assert (first == again).all()
    assert (first != other).any()


def test_a_group_never_crosses_a_fold(assign: Assign) -> None:
    rows = table()
    found, kind = assign(rows, group_column="patient")
    assert kind == "grouped"
    spread = pl.DataFrame({"group": rows["patient"], "fold": found}).group_by("group").n_unique()
    assert spread["fold"].max() == 1
    assert set(found) == set(range(5))


def test_rows_without_a_group_are_not_one_group(assign: Assign) -> None:
    rows = table().with_columns(patient=pl.lit(None, dtype=pl.Int64))
    assert np.bincount(assign(rows, group_column="patient")[0]).min() > 30


@pytest.mark.parametrize("kind", ["auto", "plain"])
def test_the_same_image_never_crosses_a_fold(assign: Assign, kind: str) -> None:
    twins = [str(row % 100) for row in range(200)]
    found, _ = assign(table(), twins, fold_kind=kind)
    assert (found[:100] == found[100:]).all()


def test_groups_joined_by_a_shared_image_stay_together(assign: Assign) -> None:
    rows = table(30).with_columns(patient=pl.Series([row // 3 for row in range(30)]))
    names = [str(row) for row in range(30)]
    names[2] = names[3]  # the first and the second patient share a image
    found, _ = assign(rows, names, group_column="patient", folds=3)
    assert len(set(found[:6])) == 1


def test_the_past_trains_and_the_future_validates(assign: Assign) -> None:
    rows = table()
    found, kind = assign(rows, time_column="when")
    assert kind == "time"
    assert set(found) == {-1, 0, 1, 2, 3, 4}
    when = rows["when"].to_numpy()
    for fold in range(5):
        assert when[found < fold].max() < when[found == fold].min()


def test_rows_of_one_time_or_one_image_are_in_one_block_of_time(assign: Assign) -> None:
    rows = table().with_columns(when=pl.Series([row // 20 for row in range(200)]))
    found, _ = assign(rows, time_column="when")
    assert all(len(set(found[start : start + 20])) == 1 for start in range(0, 200, 20))
    twins = [str(row % 100) for row in range(200)]
    found, _ = assign(table(), twins, time_column="when")
    assert (found[:100] == found[100:]).all()


def test_numbers_written_as_text_sort_as_numbers(assign: Assign) -> None:
    rows = table().with_columns(when=pl.Series([str(row) for row in range(200)]))
    found, _ = assign(rows, time_column="when")
    assert (np.diff(found) >= 0).all()


def test_few_times_make_fewer_folds(assign: Assign) -> None:
    rows = table().with_columns(when=pl.Series([row % 4 for row in range(200)]))
    found, _ = assign(rows, time_column="when")
    assert set(found) == {-1, 0, 1, 2}
    assert (found == rows["when"].to_numpy() - 1).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"folds": 1}, "can't be split into 1 folds"),
        ({"folds": 300}, "200 rows can't be split into 300"),
        ({"group_column": "nobody"}, "no column 'nobody'"),
        ({"time_column": "never"}, "no column 'never'"),
        ({"time_column": "once"}, "too few different times for 5 folds"),
        ({"time_column": "y"}, "'y' does not sort by time: '[ab]' is neither a date nor a number"),
        ({"time_column": "gaps"}, "'gaps' has 1 rows without a time"),
        ({"fold_kind": "time"}, "time_column"),
        ({"fold_kind": "grouped"}, "group_column"),
        ({"duplicates": ["same"] * 200}, "fewer groups than the 5 folds"),
    ],
)
def test_folds_that_cannot_be_made_are_refused(
    assign: Assign, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(Fault, match=message):
        assign(table(), **options)


def test_forty_values_are_cut_into_five_folds(assign: Assign) -> None:
    found, kind = assign(table(40), problem="regression", targets=["value"])
    assert kind == "stratified"
    assert np.bincount(found).tolist() == [8] * 5


def test_where_every_class_is_rarer_than_the_folds_they_are_plain(assign: Assign) -> None:
    rows = table(12).with_columns(y=pl.Series([f"class {row // 2}" for row in range(12)]))
    found, kind = assign(rows)
    assert kind == "plain"
    assert sorted(np.bincount(found).tolist()) == [2, 2, 2, 3, 3]


def test_fewer_groups_than_folds_are_a_fold_each(assign: Assign) -> None:
    rows = table().with_columns(patient=pl.Series([row % 3 for row in range(200)]))
    found, _ = assign(rows, group_column="patient")
    assert set(found) == {0, 1, 2}


def test_a_class_rarer_than_the_folds_is_no_error(assign: Assign) -> None:
    rows = table().with_columns(y=pl.Series(["rare", *["a"] * 199]))
    assert len(assign(rows)[0]) == 200
