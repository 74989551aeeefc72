"""The demo's form: a field for each column, with a sensible range, and typical rows to begin with.

Of the training rows it tells only what many of them share: percentiles, medians, and categories
that several rows have.
"""

from typing import Any

import polars as pl

from compete.contract import Contract
from compete.problems import Problem
from compete.table_files import read_text
from compete.tasks.tabular.lookup import all_kinds, fold_columns, levels

_ROWS = "the training rows"
_MOST_EXAMPLES = 6
Column = dict[str, Any]


def form_columns(data: Any) -> tuple[list[Column], list[str], list[str]]:
    """Return the fields of the form; the columns of text, which have none; and those made by code.

    A field is a dictionary of `name`, `kind`, the `usual` value, whether values may be `missing`;
    of a number and a date the range `from` and `to`; of a number whether it is `whole`; of a
    category its `levels`, and whether there are `more`.
    """
    kinds, own = all_kinds(data)
    values = shown_rows(data)
    fields = []
    for name, kind in kinds.items():
        if kind == "text" or not values[name].drop_nulls().len():
            continue
        kind = "date" if kind == "day" else kind
        field = {"name": name, "kind": kind, "missing": values[name].null_count() > 0}
        fields.append(field | _range(values[name], kind, data))
    raw = _raw_columns(data.contract)
    made = [name for name in kinds if raw and name not in raw]
    return fields, [name for name, kind in kinds.items() if kind == "text"], made or own


def shown_rows(data: Any) -> pl.DataFrame:
    """Return rows that the fold validates, with the author's columns that need targets."""
    rows: pl.DataFrame = data.table["train"][data.val_rows.tolist()]
    return rows.hstack(fold_columns(data, rows.drop(data.contract.target_columns)))


def _range(column: pl.Series, kind: str, data: Any) -> dict[str, Any]:
    """Return what a field needs to know of a column's values."""
    if kind == "category":
        known = levels(data, column.name)
        different = column.cast(pl.String).drop_nulls().n_unique()
        usual = known[0] if known and not _mostly_missing(column) else None
        return {"levels": known, "usual": usual, "more": different > len(known)}
    if kind == "date":
        low, high = (column.quantile(q, "nearest") for q in (0.01, 0.99))
        return {"from": _moment(low), "to": _moment(high), "usual": _moment(column.median())}
    numbers = column.cast(pl.Float64, strict=False).drop_nulls().drop_nans()
    whole = bool((numbers == numbers.round()).all())
    low, middle, high = (float(numbers.quantile(q, "nearest") or 0) for q in (0.01, 0.5, 0.99))
    return {"from": low, "to": high, "usual": middle, "whole": whole}


def _mostly_missing(column: pl.Series) -> bool:
    return 2 * column.null_count() > column.len()


def _moment(value: Any) -> str:
    """Return a date and time as the browser's field writes it."""
    return str(value)[:16].replace(" ", "T").ljust(16, "0") if value is not None else ""


def _raw_columns(contract: Contract) -> set[str]:
    """Return the columns of the training table as the competition has it; none if it is away."""
    from pathlib import Path

    for path, use in contract.tables.items():
        if use == _ROWS and Path(path).exists():
            return set(read_text(Path(path)).columns)
    return set()


def typical_rows(
    table: pl.DataFrame, fields: list[Column], problem: Problem, contract: Contract
) -> list[dict[str, Any]]:
    """Return made rows, one typical of each class, or of low, middling and high values.

    Each holds medians, and the commonest categories, of many rows: none is a row of the data.

    Args:
        table: rows with targets.
        fields: of the form.
        problem: what is predicted.
        contract: what the competition asks for.
    """
    labels = problem.label_columns(table)[0]
    if problem.has_classes:
        groups = [(f"Typical of {name}", labels == name) for name in contract.classes]
        order = sorted(groups, key=lambda group: -int(group[1].sum()))[:_MOST_EXAMPLES]
        groups = [group for group in groups if group in order]
    elif labels.dtype.is_numeric():
        low, high = labels.quantile(1 / 3), labels.quantile(2 / 3)
        groups = [
            (f"Typical of low {labels.name}", labels <= low),
            (f"Typical of medium {labels.name}", (labels > low) & (labels < high)),
            (f"Typical of high {labels.name}", labels >= high),
        ]
    else:
        return []
    found = []
    for name, chosen in groups:
        rows = table.filter(chosen)
        if rows.height > 1:
            values = {field["name"]: _usual(rows[field["name"]], field) for field in fields}
            found.append({"name": name, "values": values})
    return found


def _usual(column: pl.Series, field: Column) -> Any:
    known = column.drop_nulls()
    if _mostly_missing(column) or not known.len():
        return None if field["missing"] else field["usual"]
    if field["kind"] == "category":
        allowed = known.cast(pl.String)
        allowed = allowed.filter(allowed.is_in(field["levels"]))
        return allowed.mode().sort()[0] if allowed.len() else field["usual"]
    if field["kind"] == "date":
        return _moment(known.median())
    middle = known.cast(pl.Float64, strict=False).quantile(0.5, "nearest")
    return middle if middle is not None else field["usual"]
