"""The contents of a competition's files, as returned by `load` of a task and used by `prepare`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import polars as pl
import polars.selectors as cs

from compete.contract import Contract, Feature
from compete.files import OWN, PROCESSED
from compete.processed import read_rows


@dataclass
class Split:
    """The rows of one split. Tasks whose inputs lie in files of their own add where.

    Args:
        table: the columns, a row for each input; `ROW_ID` names it.
    """

    table: pl.DataFrame


SplitT_co = TypeVar("SplitT_co", bound=Split, covariant=True)


@dataclass(frozen=True)
class Reading(Generic[SplitT_co]):
    """What the files hold.

    Args:
        train: the rows with labels.
        test: the rows to predict, in the order of the sample submission where they have no ids.
        sample: the sample submission.
        id_column: its column that names a row; None where the order of the rows does.
        copied_columns: its columns that repeat what the test rows hold.
        train_name: where the training rows come from.
        sample_name: the file of the sample submission.
        tables: each file with what it is used for, or why it is not.
        left_out: columns that the model should not read, each with the reason.
    """

    train: SplitT_co
    test: SplitT_co
    sample: pl.DataFrame
    id_column: str | None
    copied_columns: list[str]
    train_name: str
    sample_name: str
    tables: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Preprocessed:
    """What a task makes of the rows that are kept.

    Args:
        train: the training rows, with `CONTENT`, a fingerprint of each row's inputs.
        test: the rows to predict.
        features: the columns that the model reads.
        counts: how many rows were left out or changed, by reason.
    """

    train: pl.DataFrame
    test: pl.DataFrame
    features: dict[str, Feature] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def shown_rows(contract: Contract, rows: Sequence[int]) -> list[dict[str, Any]]:
    """Return the input columns of some training rows, by their numbers, for a person to see."""
    table = read_rows(PROCESSED / "train.parquet")
    shown = table.select(~cs.starts_with(OWN) - cs.by_name(contract.target_columns))
    return [shown.row(row, named=True) for row in rows] if shown.width else []
