"""Features keep the rows and their order, and never use the target of their own row."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
import pytest
from tiny_competition import people

Author = Callable[[str], ModuleType]
Make = Callable[..., Any]


def test_added_columns_keep_the_order_of_rows(author: Author) -> None:
    table = people(40).drop("y")
    made = author("features").add_columns(table)
    assert made["id"].to_list() == table["id"].to_list()


def test_fold_features_have_one_row_per_row_and_no_target(author: Author) -> None:
    known, rows = people(40), people(8, seed=1).drop("y")
    made = author("features").fold_features(known, rows)
    assert made.height == (rows.height if made.width else 0)
    assert not set(made.columns) & {*known.columns}


def team_mean(known: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return a feature that needs targets: the mean of `y` of known rows of the same team."""
    means = known.group_by("team").agg(team_mean=pl.col("y").mean())
    return rows.join(means, on="team", how="left", maintain_order="left").select("team_mean")


@pytest.fixture
def change_targets(
    make: Make, author: Author, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Any, Any]]:
    """Return a function that flips targets and returns the data of fold 0 before and after."""
    folder = shutil.copytree(".", tmp_path / "copy")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(author("data"), "fold_features", team_mean)

    def run(flipped: Callable[[Any], Any]) -> tuple[Any, Any]:
        before, _ = make()
        file = folder / "data/processed/train.parquet"
        table = pl.read_parquet(file)
        rows = np.isin(np.arange(table.height), flipped(before))
        y = np.where(rows, 1 - table["y"].to_numpy(), table["y"].to_numpy())
        table.with_columns(pl.Series("y", y)).write_parquet(file)
        after, _ = make()
        assert (before.targets != after.targets).sum() == rows.sum() > 0
        return before, after

    return run


def test_validation_targets_do_not_change_the_training_data(
    change_targets: Callable[..., tuple[Any, Any]],
) -> None:
    before, after = change_targets(lambda data: data.val_rows)
    for split in ("train", "test"):
        np.testing.assert_array_equal(before.encoded[split].numbers, after.encoded[split].numbers)
        np.testing.assert_array_equal(before.encoded[split].codes, after.encoded[split].codes)


def test_features_of_a_training_row_do_not_use_its_own_target(
    change_targets: Callable[..., tuple[Any, Any]],
) -> None:
    before, after = change_targets(lambda data: data.train_rows[:1])
    first, second = (data.encoded["train"].numbers for data in (before, after))
    same = ((first == second) | (np.isnan(first) & np.isnan(second))).all(axis=1)
    assert same[before.train_rows[0]]
    assert not same.all()  # its team and the validation rows may know it
