"""Finds train and test among the files of a competition on tables, and makes them alike."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from compete.contract import Competition
from compete.supervised.id_parts import with_id_parts
from compete.supervised.reading import Reading, Split
from compete.supervised.tables import read_both


def load(raw: Path, asked: Competition) -> Reading[Split]:
    """Read both tables under `raw`. Raise `Fault` if one can't be found or read."""
    found = read_both(raw, asked, aggregates=True)
    train, test = alike(found.train.table, found.test.table)
    train, test = with_id_parts(train, test, found.id_column)
    return replace(found, train=Split(train), test=Split(test))


def alike(train: pl.DataFrame, test: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both tables with one type for each column that they share: numbers, else text."""
    shared = [name for name in train.columns if name in test.columns]
    for name in shared:
        types = train.schema[name], test.schema[name]
        if types[0] == types[1] or pl.Null in types:
            continue
        numeric = all(dtype.is_numeric() or dtype == pl.Boolean for dtype in types)
        common = pl.col(name).cast(pl.Float64 if numeric else pl.String)
        train, test = train.with_columns(common), test.with_columns(common)
    return train, test
