"""Tells what each column holds: numbers, categories, dates, days, text, or nothing to use."""

from collections.abc import Mapping

import polars as pl

from compete.contract import Feature
from compete.errors import Fault
from compete.files import PARAMS
from compete.supervised.dates import as_dates, date_format, holds_dates

_LOOK = 10_000  # rows that are enough to tell text from categories
_BY_TIME = " by its time"
_WORDS = 2.5  # from so many words per value on, mostly different values are text
_DAY_ROWS = 10  # training rows that make a day known
_KNOWN_DAYS = 0.9  # of the test rows: where so many have a known day, days are categories too
_SHARE = 0.1  # of the values: where so many share a word, mostly different ones are text, as names


def find_kinds(
    train: pl.DataFrame,
    test: pl.DataFrame,
    id_column: str | None,
    left_out: Mapping[str, str],
    asked: Mapping[str, str],
) -> dict[str, Feature]:
    """Return the kind of each input column, and what in the training rows tells it.

    Args:
        train: the training rows without targets.
        test: the test rows with the same columns.
        id_column: the column that names a row; it is read where it holds a time.
        left_out: columns that are not to be read, each with the reason.
        asked: kinds that params.yaml says.

    Raises:
        Fault: params.yaml names a column that is not there.
    """
    for name in asked:
        if name not in train.columns:
            raise Fault(
                f"`column_types` in {PARAMS} has {name!r}, which is not a column.",
                f"Name some of {train.columns[:20]}.",
            )
    found = {}
    for column in train.iter_columns():
        name = column.name
        if name in asked:
            found[name] = Feature(asked[name], str(PARAMS))
        elif name in left_out:
            found[name] = Feature("drop", left_out[name])
        elif name == id_column:
            time = holds_dates(column)
            reason = f"it identifies the row{_BY_TIME * time}"
            found[name] = Feature("date" if time else "drop", reason)
        elif column.null_count() < train.height and test[name].null_count() == test.height:
            found[name] = Feature("drop", "the test rows do not have it")
        elif column.null_count() == train.height and test[name].null_count() < test.height:
            found[name] = Feature("drop", "the training rows do not have it")
        else:
            kind, reason = _kind(column)
            if kind == "date" and _known_days(column, test[name]) > _KNOWN_DAYS:
                kind, reason = "day", f"{reason}, and the test rows have the training rows' days"
            found[name] = Feature(kind, reason)
    return found


def _kind(column: pl.Series) -> tuple[str, str]:
    values = column.drop_nulls()
    dtype = column.dtype
    if values.is_empty():
        return "drop", "it is empty"
    if values.len() > 1 and values.head(_LOOK).n_unique() == 1 and values.n_unique() == 1:
        gaps = column.null_count()
        return ("drop", "it is constant") if not gaps else ("category", "a single value or missing")
    if dtype.is_temporal() and dtype not in (pl.Duration, pl.Time):
        return "date", "the type in the file"
    if dtype == pl.Boolean:
        return "category", "true or false"
    if dtype.is_integer() and _counts_rows(values):
        return "drop", "it numbers the rows"
    if dtype.is_numeric() or dtype in (pl.Duration, pl.Time):
        return "number", "numbers only"
    if dtype.is_nested():
        return "drop", f"a list or structure ({dtype}); create columns from it in features.py"
    return _kind_of_text(values.cast(pl.String))


def _known_days(train: pl.Series, test: pl.Series) -> float:
    """Return the share of the test rows on whose day there are enough training rows."""
    known, asked = (times.dt.date().alias("day") for times in as_dates(train, test))
    counts = known.value_counts(name="rows").filter(pl.col("rows") >= _DAY_ROWS)
    return float(asked.is_in(counts["day"].drop_nulls().implode()).fill_null(False).mean() or 0)  # type: ignore[arg-type]


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
        return "text", f"{words:.0f} words per value"
    if different > 0.9 and some.len() > 20 and (share := _share_of_words(some)) >= _SHARE:
        return "text", f"{share:.0%} of the values share a word with another"
    if different > 0.98 and some.len() > 20:
        return "drop", "nearly every row has its own value"
    return "category", f"{values.n_unique()} different values"


def _share_of_words(values: pl.Series) -> float:
    """Return the share of values with a word that some, but not all, of the others have too."""
    words = values.alias("word").str.to_lowercase().str.extract_all(r"\b\p{L}{2,}\b")
    pairs = words.list.unique().to_frame().with_row_index().explode("word").drop_nulls()
    common = pairs.filter(pl.len().over("word").is_between(2, values.len() - 1))
    return common["index"].n_unique() / values.len()
