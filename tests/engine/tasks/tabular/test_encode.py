"""Columns become numbers and codes, and nothing of its target leaks into a row."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from competitions.tables import competition, noise, people

from compete.files import FOLD
from compete.supervised.prepare import prepare
from compete.tasks.tabular.encode import Encoded, encode

TASK = "tabular"
Make = Callable[..., Any]


def encoded(
    known: pl.DataFrame,
    other: pl.DataFrame,
    kinds: dict[str, str],
    fold_features: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame] | None = None,
) -> tuple[Encoded, Encoded, list[int]]:
    """Known rows, whose target is `y`, and others, encoded; and the codes of each column."""
    targets = known["y"].to_numpy()[:, None] * 1.0
    features = fold_features or (lambda known, rows: pl.DataFrame())
    (ours, theirs), levels = encode(known, [other], kinds, targets, ["y"], features, seed=0)
    return ours, theirs, levels


def test_features_of_the_author_are_cross_fitted() -> None:
    """`rows` are never among `known`, and each fold's rows get their columns in their order."""
    pairs: list[tuple[set[int], set[int]]] = []

    def fold_features(known: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        assert "y" in known.columns
        assert "y" not in rows.columns
        pairs.append((set(known["key"]), set(rows["key"])))
        return rows.select(double=pl.col("key") * 2, word=pl.lit("a"))

    known = pl.DataFrame({"key": range(50), "y": [0, 1] * 25})
    other = pl.DataFrame({"key": range(50, 60)})
    ours, theirs, _ = encoded(known, other, {"key": "number"}, fold_features)
    assert all(not known & rows for known, rows in pairs)
    assert set().union(*(rows for _, rows in pairs)) == set(range(60))
    for found, keys in ((ours, range(50)), (theirs, range(50, 60))):
        assert found.numbers[:, 1].tolist() == [2 * key for key in keys]


def test_a_day_is_encoded_as_a_date_and_as_a_category() -> None:
    """Its mean target shows what no part of the calendar tells: the day's own effect."""
    random = np.random.default_rng(0)
    effects = random.random(30)
    days = random.integers(0, 30, 3000)
    seconds = days * 86_400 + random.integers(0, 86_400, 3000)
    table = pl.DataFrame({"when": seconds, "y": random.random(3000) < effects[days]})
    table = table.with_columns(pl.from_epoch("when"))
    known, other = table.head(2000), table.tail(1000)
    date, _, _ = encoded(known, other, {"when": "date"})
    _, ours, levels = encoded(known, other, {"when": "day"})
    assert levels == [31]
    assert ours.numbers.shape[1] == date.numbers.shape[1] + 2
    assert ours.means == [date.numbers.shape[1] + 1]
    assert np.corrcoef(ours.numbers[:, ours.means[0]], effects[days[2000:]])[0, 1] > 0.9


def test_it_tells_which_numbers_are_mean_targets() -> None:
    """Also where a column in front of them is constant, and left out."""
    table = pl.DataFrame(
        {
            "same": [1.0] * 400,
            "a": [f"a{n % 20}" for n in range(400)],
            "x": range(400),
            "b": [f"b{n % 40}" for n in range(400)],
            "y": [n % 20 for n in range(400)],
        }
    )
    kinds = {"same": "number", "a": "category", "x": "number", "b": "category"}
    known, other, _ = encoded(table, table.drop("y"), kinds)
    assert known.means == other.means
    for column in known.means:
        assert np.corrcoef(other.numbers[:, column], table["y"])[0, 1] > 0.99
    rest = set(range(known.numbers.shape[1])) - set(known.means)
    assert all(np.corrcoef(other.numbers[:, n], table["y"])[0, 1] < 0.5 for n in rest)
    assert len(known.means) == 2


def test_a_hundred_thousand_categories_are_a_column_like_others() -> None:
    rows = 100_000
    table = pl.DataFrame({"c": [f"k{n % 99_999}" for n in range(rows)], "y": [0, 1] * (rows // 2)})
    known, other, levels = encoded(table, table.head(3).drop("y"), {"c": "category"})
    assert levels == [2]
    assert known.codes.max() == 1
    assert other.codes.shape == (3, 1)


def test_what_the_training_rows_never_had_is_encoded_as_unknown() -> None:
    """A gap, an unknown category, an infinite number, an unknown word."""
    known = people(50).drop("since")
    strange = (
        known.head(3)
        .drop("y")
        .with_columns(
            age=pl.Series([float("inf"), None, 1e300]),
            town=pl.lit("🐟"),
            note=pl.lit(None, pl.String),
        )
    )
    kinds = {"age": "number", "town": "category", "note": "text"}
    _, other, _ = encoded(known, strange, kinds)
    assert np.isnan(other.numbers[:2, 0]).all()
    assert other.codes[:, 0].tolist() == [0, 0, 0]


@pytest.fixture
def start(author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """`start(table)` prepares a competition of this training table; returns its stored rows."""

    def run(train: pl.DataFrame) -> Path:
        competition(tmp_path, train)
        monkeypatch.chdir(tmp_path)
        prepare()
        return tmp_path / "data/processed/train.parquet"

    return run


def test_validation_targets_change_nothing_that_a_fold_learns_from(
    start: Callable[..., Path], make: Make
) -> None:
    file = start(noise(120, each=3))
    data, _ = make()
    table = pl.read_parquet(file)
    flipped = pl.Series("y", np.where(table[FOLD] == 0, 1 - table["y"], table["y"]))
    table.with_columns(flipped).write_parquet(file)
    other, _ = make()
    assert not torch.equal(data.targets, other.targets)
    for split in ("train", "test"):
        for name in ("numbers", "codes"):
            ours, theirs = (getattr(d.encoded[split], name) for d in (data, other))
            np.testing.assert_array_equal(ours, theirs)


def test_a_row_is_never_shown_its_own_target(start: Callable[..., Path], make: Make) -> None:
    """Flip one training target: this row's encoding stays; that of others of its group changes."""
    file = start(noise(120, each=5))
    data, _ = make("--seed_everything", "1")
    table = pl.read_parquet(file)
    row = int(data.train_rows[0])
    targets = table["y"].to_numpy().copy()
    targets[row] = 1 - targets[row]
    table.with_columns(pl.Series("y", targets)).write_parquet(file)
    other, _ = make("--seed_everything", "1")
    before, after = data.encoded["train"].numbers, other.encoded["train"].numbers
    changed = np.flatnonzero((before != after).any(axis=1) & ~np.isnan(before).all(axis=1))
    assert row not in changed
    assert len(changed) > 0
