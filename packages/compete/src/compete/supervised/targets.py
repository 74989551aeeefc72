"""Infers the target columns."""

import polars as pl

from compete.contract import Competition
from compete.errors import Fault
from compete.files import OWN, PARAMS
from compete.supervised.reading import Reading, Split

_USUAL = ("label", "labels", "target", "targets", "class", "category", "y")
_MOST_CLASSES = 1000


def find_targets(
    asked: Competition, reading: Reading[Split], values: list[str]
) -> tuple[list[str], str]:
    """Return the columns to predict, and what says so.

    They are those of the submission's names; else the column whose values end these names; else the
    one column that the test rows lack, or of several the one with a usual name.

    Args:
        asked: what params.yaml says.
        reading: what the files hold.
        values: the columns of the submission that are predicted.

    Raises:
        Fault: a named column is missing, or it is not clear which they are.
    """
    train, test = reading.train.table, reading.test.table
    columns = [name for name in train.columns if not name.startswith(OWN)]
    if asked.target_columns:
        if missing := [name for name in asked.target_columns if name not in columns]:
            raise Fault(
                f"The training table {reading.train_name} has no column {missing[0]!r}.",
                f"Set `target_columns:` under `competition` to some of {columns[:20]}.",
            )
        if len(set(asked.target_columns)) < len(asked.target_columns):
            raise Fault(
                f"`target_columns: {asked.target_columns}` in params.yaml names a column twice.",
                "Name each once.",
            )
        return asked.target_columns, str(PARAMS)
    by_name = {name.lower(): name for name in columns}
    if all(value.lower() in by_name for value in values):
        return [by_name[value.lower()] for value in values], reading.train_name
    ids = (reading.id_column or "").lower()
    rest = [name for name in columns if name.lower() != ids]
    lacking = [name for name in rest if name not in test.columns]
    if len(values) > 1:
        for names in (lacking, rest):
            for name in names:
                if _name_columns(train[name], values):
                    return [name], f"{reading.train_name}: its values name the columns to predict"
    if len(lacking) == 1:
        return lacking, f"{reading.train_name}: the test rows lack it"
    there = {name.lower(): name for name in (lacking or rest)}
    if found := [there[name] for name in _USUAL if name in there]:
        return found[:1], f"{reading.train_name}: by its name"
    which = f"columns that the test rows lack: {lacking[:20]}" if lacking else f"{columns[:20]}"
    raise Fault(
        f"Which columns to predict is not clear: the sample submission has {values[:20]}, the "
        f"training table {which}.",
        "Add `target_columns: [NAME]` under `competition` in params.yaml.",
    )


def _name_columns(column: pl.Series, values: list[str]) -> bool:
    """Return whether each name is, or ends with, one of a column's values, and no value is left."""
    found = {str(value) for value in column.drop_nulls().unique().to_list()[:_MOST_CLASSES]}
    if found == set(values):
        return True
    if len(found) != len(values):
        return False
    start = _shared_start(values)
    return found == {value.removeprefix(start) for value in values}


def _shared_start(names: list[str]) -> str:
    """Return what all names begin with, up to and with a separator: `Status_` of `Status_C`."""
    first = min(names, key=len)
    for end in range(len(first), 0, -1):
        if not first[end - 1].isalnum() and all(name.startswith(first[:end]) for name in names):
            return first[:end]
    return ""
