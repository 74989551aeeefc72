"""What the report shows of the inputs. A task that has more to show brings this file in its own."""

from collections.abc import Sequence

import polars as pl

from ..competition import Contract
from ..exhibits import Exhibit, Input
from ..files import PROCESSED

_OURS = {"content", "fold"}


def inputs(contract: Contract, rows: Sequence[int]) -> list[Input]:
    """The inputs of some training rows, by their numbers: the table's columns but the targets."""
    table = pl.read_parquet(PROCESSED / "train.parquet")
    shown = table.select(pl.exclude(*_OURS, *contract.target_columns))
    return [shown.row(row, named=True) for row in rows] if shown.width else []


def explain(contract: Contract, rows: Sequence[int]) -> list[Exhibit]:
    """Why the model answered as it did for some training rows; nothing where a task can't tell."""
    return []
