"""Competitions whose test rows were not held out at random: by days, by households, by time.

Each is made from a seed, and has what makes careless folds optimistic: rows of one day, or of one
household, share what no column tells, and the future goes on from where the past ended.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from bench.competition_files import write_competition

START = datetime(2023, 1, 1)


def rentals() -> tuple[pl.DataFrame, pl.Series]:
    """Bicycles rented in each hour of a year; the days from the 20th of each month on are hidden.

    Returns:
        The rows, and for each whether it is hidden; the first column names a row.
    """
    random, mood = np.random.default_rng(0), 0.0
    rows = []
    for day in range(365):
        date = START + timedelta(days=day)
        mood = 0.6 * mood + random.normal(0, 0.25)  # what all hours of a day share
        season = 10 + 12 * np.sin(2 * np.pi * (day - 100) / 365)
        rain, works = int(random.random() < 0.3), date.weekday() < 5
        for hour in range(24):
            rush = np.exp(-((hour - 8) ** 2) / 4) + 1.3 * np.exp(-((hour - 17.5) ** 2) / 6)
            stroll = 1.2 * np.exp(-((hour - 14) ** 2) / 18)
            heat = season + 4 * np.sin(2 * np.pi * (hour - 9) / 24) + random.normal()
            level = 2.2 + 1.6 * (rush if works else stroll) + 0.03 * heat - 0.6 * rain + mood
            count = random.poisson(np.exp(level - 1.2 * (hour < 5)))
            when = str(date + timedelta(hours=hour))
            rows.append((when, int(works), rain, round(float(heat), 1), int(count), date.day >= 20))
    columns = ["datetime", "workingday", "rain", "temperature", "count", "hidden"]
    table = pl.DataFrame(rows, columns, orient="row")
    return table.drop("hidden"), table["hidden"]


def households() -> tuple[pl.DataFrame, pl.Series]:
    """People and how poor their household is, in four classes; every third household is hidden.

    Returns:
        The rows, and for each whether it is hidden; the first column names a row.
    """
    random = np.random.default_rng(1)
    rows = []
    for home in range(700):
        wealth, people = random.normal(), int(random.integers(2, 7))
        rooms = int(np.clip(4 + wealth + random.normal(), 1, 9))
        roof = random.choice(["tin", "tile", "cement"])
        rent = round(float(100 * np.exp(0.4 * wealth + random.normal(0, 0.5))))
        level = int(np.digitize(wealth + random.normal(0, 0.7), [-1, -0.3, 0.5])) + 1
        for _ in range(people):
            age, school = (
                int(random.integers(0, 90)),
                max(0.0, 8 + 2 * wealth + random.normal(0, 3)),
            )
            row = (f"h{home:04}", rooms, roof, rent, people, age, round(school), level)
            rows.append((*row, home % 3 == 0))
    columns = ["household", "rooms", "roof", "rent", "people", "age", "school", "level", "hidden"]
    table = pl.DataFrame(rows, columns, orient="row")
    table = table.sample(fraction=1, shuffle=True, seed=0)
    ids = pl.Series("id", [f"ID_{n:05}" for n in random.permutation(table.height)])
    return pl.DataFrame([ids, *table.drop("hidden").iter_columns()]), table["hidden"]


def sales() -> tuple[pl.DataFrame, pl.Series]:
    """Daily sales of four shops in two years, that grow; the last days are hidden.

    Returns:
        The rows, and for each whether it is hidden; the first column names a row.
    """
    random = np.random.default_rng(2)
    days = 730
    level = np.zeros(days)
    for day in range(1, days):
        level[day] = 0.97 * level[day - 1] + random.normal()
    rows = []
    for day in range(days):
        date = START + timedelta(days=day)
        for shop in range(4):
            offer, price = int(random.random() < 0.25), random.normal()
            season = 10 * np.sin(2 * np.pi * day / 365) + 5 * (date.weekday() > 4)
            usual = 60 + 8 * shop + season + level[day] + day / 50
            sold = usual + 6 * offer + 4 * price + random.normal(0, 4)
            row = (str(date.date()), f"shop {shop}", offer, round(float(price), 3))
            rows.append((*row, round(float(sold), 2), day >= 600))
    table = pl.DataFrame(rows, ["date", "shop", "offer", "price", "sold", "hidden"], orient="row")
    ids = pl.Series("id", random.permutation(table.height) + 1)
    return pl.DataFrame([ids, *table.drop("hidden").iter_columns()]), table["hidden"]


# By what was held out: the rows, Kaggle's name of the metric, and whether the target is a class.
HELD_OUT: dict[str, tuple[Callable[[], tuple[pl.DataFrame, pl.Series]], str, bool]] = {
    "households": (households, "F-Score (Macro)", True),
    "days of each month": (rentals, "Root Mean Squared Logarithmic Error", False),
    "the last days": (sales, "Root Mean Squared Error", False),
}


def make_held_out(kind: str, folder: Path) -> Path:
    """Make one of the competitions.

    Args:
        kind: one of `HELD_OUT`.
        folder: the practice folder to write.
    """
    make, metric, is_class = HELD_OUT[kind]
    table, hidden = make()
    return write_competition(folder, make.__name__, table, hidden, metric, is_class=is_class)
