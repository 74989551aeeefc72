"""Tells what kind of values each column holds: number, category, date, text, or nothing to use."""

from collections.abc import Mapping

import polars as pl

from compete.contract import Feature
from compete.errors import Fault
from compete.files import PARAMS

DATE_FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S UTC",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
)
_LOOK = 10_000  # rows that are enough to tell text from categories
_WORDS = 2.5  # from so many words a value on, mostly different values are text


def find_kinds(
    train: pl.DataFrame, test: pl.DataFrame, id_column: str, asked: Mapping[str, str]
) -> dict[str, Feature]:
    """Return the kind of each input column, and what in the training rows tells it.

    Args:
        train: the training rows without targets.
        test: the test rows with the same columns.
        id_column: the column that names a row.
        asked: kinds that params.yaml says.

    Raises:
        Fault: params.yaml names a column that is not there.
    """
    for name in asked:
        if name not in train.columns:
            raise Fault(
                f"`column_types` in {PARAMS} names {name!r}, which is no column.",
                f"Name some of {train.columns[:20]}.",
            )
    found = {}
    for column in train.iter_columns():
        name = column.name
        if name in asked:
            found[name] = Feature(asked[name], str(PARAMS))
        elif name == id_column:
            found[name] = Feature("drop", "it names the row")
        elif test[name].null_count() == test.height and column.null_count() < train.height:
            found[name] = Feature("drop", "the test rows do not have it")
        else:
            found[name] = Feature(*_kind(column))
    return found


def _kind(column: pl.Series) -> tuple[str, str]:
    values = column.drop_nulls()
    dtype = column.dtype
    if values.is_empty():
        return "drop", "it is empty"
    if values.len() > 1 and values.head(_LOOK).n_unique() == 1 and values.n_unique() == 1:
        gaps = column.null_count()
        return ("drop", "it is constant") if not gaps else ("category", "a value, or none")
    if dtype.is_temporal() and dtype not in (pl.Duration, pl.Time):
        return "date", "the file's own type"
    if dtype == pl.Boolean:
        return "category", "true or false"
    if dtype.is_integer() and _counts_rows(values):
        return "drop", "it counts the rows"
    if dtype.is_numeric() or dtype in (pl.Duration, pl.Time):
        return "number", "numbers only"
    if dtype.is_nested():
        return "drop", f"a list or structure ({dtype}); make columns of it in features.py"
    return _kind_of_text(values.cast(pl.String))


def _counts_rows(values: pl.Series) -> bool:
    """Return whether whole numbers all go up, or all down, by one."""
    steps = values.cast(pl.Int64, strict=False).diff().drop_nulls()
    return steps.len() > 2 and bool((steps == steps[0]).all()) and abs(steps[0]) == 1


def _kind_of_text(values: pl.Series) -> tuple[str, str]:
    some = values.head(_LOOK)
    if date_format(some):
        return "date", f"written like {some[0]}"
    different = some.n_unique() / some.len()
    words = float(some.str.count_matches(r"\S+").mean() or 0)  # type: ignore[arg-type]
    if words >= _WORDS and different > 0.5:
        return "text", f"{words:.0f} words a value"
    if different > 0.98 and some.len() > 20:
        return "drop", "nearly every row has its own value"
    return "category", f"{values.n_unique()} different values"


def date_format(values: pl.Series) -> str | None:
    """Return the format in which all values (text, without gaps) are dates, or None."""
    first = values.head(100)
    for form in DATE_FORMATS:
        if all(_dates(part, form).null_count() == 0 for part in (first, values)):
            return form
    return None


def as_dates(column: pl.Series) -> pl.Series:
    """Return a column as points in time; what is no date becomes null."""
    if column.dtype.is_temporal():
        return column.cast(pl.Datetime("us"))
    text = column.cast(pl.String)
    return _dates(text, date_format(text.drop_nulls().head(_LOOK)) or DATE_FORMATS[0])


def _dates(values: pl.Series, form: str) -> pl.Series:
    if "%H" in form:
        return values.str.to_datetime(form, strict=False, time_unit="us")
    return values.str.to_date(form, strict=False).cast(pl.Datetime("us"))
