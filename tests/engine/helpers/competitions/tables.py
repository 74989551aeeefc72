"""Makes small competitions on tables for the tests."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from authors import params_of
from small import settle

QUICK: dict[str, Any] = {"k": 4, "width": 16, "blocks": 1, "bins": 8, "trees": 40, "bags": 2}


def people(count: int, seed: int = 0) -> pl.DataFrame:
    """Rows with a column of every kind, and `y`, which depends on some of them."""
    random = np.random.default_rng(seed)
    age = random.integers(1, 90, count).astype(float)
    town = random.choice(["Ulm", "Köln", "Bonn"], count)
    y = (age / 45 + (town == "Ulm") + random.normal(0, 0.2, count) > 1.5).astype(int)
    start = np.datetime64("2020-01-01") + random.integers(0, 900, count)
    words = random.choice(["red", "green", "small", "large", "old"], (count, 5))
    return pl.DataFrame(
        {
            "id": np.arange(count) + 1000 * seed,
            "age": pl.Series(age).set(pl.Series(age == 7), None),
            "town": town,
            "since": [str(day) for day in start],
            "member": random.random(count) < 0.5,
            "note": [f"{number} " + " ".join(row) for number, row in enumerate(words)],
            "always": ["x"] * count,
            "y": y,
        }
    )


def competition(
    root: Path,
    train: pl.DataFrame | None = None,
    targets: int = 1,
    **sections: dict[str, Any],
) -> Path:
    """A project's folder with a table of people, and params.yaml quick to train by.

    Args:
        train: another training table.
        targets: how many of its last columns to predict.
        sections: what to change in params.yaml, section by section.
    """
    usual: dict[str, Any] = {
        "data": {"folds": 3},
        "model": QUICK,
        "trainer": {"max_epochs": 2},
    }
    settle(root, params_of("tabular"), usual, sections)
    table = people(60) if train is None else train
    test = people(9, seed=1) if train is None else train.head(9)
    columns = table.columns[-targets:]
    raw = root / "data/raw"
    raw.mkdir(parents=True, exist_ok=True)
    table.write_csv(raw / "train.csv")
    test.drop(columns).write_csv(raw / "test.csv")
    test.select("id", *columns).write_csv(raw / "sample_submission.csv")
    return root


def noise(rows: int, each: int) -> pl.DataFrame:
    """Coin flips for a target, and a category for every `each` rows, which tells nothing of it."""
    random = np.random.default_rng(3)
    return pl.DataFrame(
        {
            "id": np.arange(rows) + 5,
            "leak": [f"g{n}" for n in random.permutation(rows) // each],
            "size": random.normal(size=rows),
            "y": random.integers(0, 2, rows),
        }
    )
