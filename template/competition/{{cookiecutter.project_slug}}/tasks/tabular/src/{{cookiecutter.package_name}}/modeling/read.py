"""Finds train and test among the files of a competition on tables, and makes them alike."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ..competition import Competition
from ..errors import Fault
from .tables import find_tables, read_table, with_ids


@dataclass
class Split:
    """The rows of one split, as the file has them."""

    table: pl.DataFrame


@dataclass
class Reading:
    """What the files hold: both splits, the sample submission, and the names of their files."""

    train: Split
    test: Split
    sample: pl.DataFrame
    names: tuple[str, str]


def read(raw: Path, asked: Competition) -> Reading:
    """Read the competition's files under `raw`. Raises `Fault` if a part can't be found."""
    tables = find_tables(raw, asked)
    if tables.train is None or tables.test is None:
        raise Fault(
            f"{raw} holds no {'train' if tables.train is None else 'test'} table.",
            "Run `compete download` again, or put train.csv and test.csv there.",
        )
    train, test = alike(read_table(tables.train), read_table(tables.test))
    test = with_ids(test, tables, tables.test)
    sample = tables.sample_table
    name = tables.id_column
    ids = (table.get_column(name, default=pl.Series()).cast(pl.String) for table in (sample, test))
    wanted, there = (set(values) for values in ids)
    if absent := sorted(wanted - there):
        raise Fault(
            f"{tables.test} has no row for {len(absent)} ids of the sample submission, first "
            f"{absent[0]}.",
            "Run `compete download` again, or set `id_column:` under `competition`.",
        )
    names = (tables.train.as_posix(), tables.sample.as_posix())
    return Reading(Split(train), Split(test), sample, names)


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
