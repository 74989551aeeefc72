"""Finds the two tables of a competition of texts: one with answers, one to predict."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ..competition import Competition
from ..errors import Fault
from .tables import find_tables, read_table, with_ids


@dataclass
class Split:
    """The rows of one split.

    Args:
        table: all its columns.
    """

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
        missing = "train" if tables.train is None else "test"
        raise Fault(
            f"No table of the {missing} rows (a CSV or parquet file with `{missing}` in its name) "
            f"lies in {raw}.",
            "Run `compete download` again, or put the file there.",
        )
    test = with_ids(read_table(tables.test), tables, tables.test)
    names = (tables.train.as_posix(), tables.sample.as_posix())
    return Reading(Split(read_table(tables.train)), Split(test), tables.sample_table, names)
