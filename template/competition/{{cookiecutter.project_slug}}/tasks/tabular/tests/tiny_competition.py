"""A small synthetic competition: a table of people, whose target depends on age and town."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

SETTINGS: dict[str, Any] = {
    "data": {"folds": 2},
    "model": {"k": 4, "width": 16, "blocks": 1, "bins": 8, "trees": 20, "bags": 2, "lr": 0.01},
}


def write_files(raw: Path) -> None:
    """Write 80 training rows, 8 test rows and the sample submission."""
    raw.mkdir(parents=True)
    train, test = people(80), people(8, seed=1)
    train.write_csv(raw / "train.csv")
    test.drop("y").write_csv(raw / "test.csv")
    test.select("id", "y").write_csv(raw / "sample_submission.csv")


def people(count: int, seed: int = 0) -> pl.DataFrame:
    """Return rows with numbers, categories, many categories, dates, missing values, and `y`."""
    random = np.random.default_rng(seed)
    age = random.integers(1, 90, count).astype(float)
    town = random.choice(["Ulm", "Köln", "Bonn"], count)
    day = np.datetime64("2020-01-01") + random.integers(0, 900, count)
    return pl.DataFrame(
        {
            "id": np.arange(count) + 1000 * seed,
            "age": pl.Series(age).set(pl.Series(age == 7), None),
            "town": town,
            "team": [f"t{number}" for number in random.permutation(count) // 4],
            "since": [str(one) for one in day],
            "y": (age / 45 + (town == "Ulm") > 1.5).astype(int),
        }
    )
