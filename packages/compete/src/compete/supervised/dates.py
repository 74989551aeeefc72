"""Dates and times written as text: in which format, and as points in time."""

import polars as pl

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
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.fZ",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%m/%d/%y",
    "%d/%m/%y",
    "%m/%d/%y %H:%M",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
)
_YEARS = (1000, 9999)  # written as numbers of four digits; 4.4.2 is a version
_YEARS_OF_MONTHS = (1900, 2100)  # 0013-02 is a number


def date_format(values: pl.Series) -> str | None:
    """Return the format in which all values (text, without gaps) are dates, or None."""
    first = values.head(100)
    for form in DATE_FORMATS:
        if all(_dates(part, form).null_count() == 0 for part in (first, values)):
            return form
    return None


def as_dates(*columns: pl.Series) -> list[pl.Series]:
    """Return the same column of several tables as points in time; what is no date becomes null.

    All are read in one format, if there is one: 10/12/2015 alone does not tell day and month.
    """
    if all(column.dtype.is_temporal() for column in columns):
        return [column.cast(pl.Datetime("us")) for column in columns]
    texts = [column.cast(pl.String) for column in columns]
    common = date_format(pl.concat(texts).drop_nulls())
    return [_dates(text, common or _best_format(text)) for text in texts]


def _best_format(text: pl.Series) -> str:
    """Return the format in which most values are dates."""
    values = text.drop_nulls().unique()
    return date_format(values) or max(DATE_FORMATS, key=lambda form: _dates(values, form).count())


def _dates(values: pl.Series, form: str) -> pl.Series:
    if "%H" in form or "%I" in form:
        found = values.str.to_datetime(form, strict=False, time_unit="us")
        found = found.dt.replace_time_zone(None) if "%z" in form else found  # in UTC
    else:
        found = values.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    usual = found.dt.year().is_between(*(_YEARS_OF_MONTHS if form == "%Y-%m" else _YEARS))
    return found.set(~usual, None)


def as_times(*columns: pl.Series) -> list[pl.Series] | None:
    """Return `as_dates` of columns that hold dates and nothing else, else None."""
    return as_dates(*columns) if all(map(holds_dates, columns)) else None


def holds_dates(column: pl.Series) -> bool:
    """Return whether a column holds dates and nothing else."""
    if column.dtype.is_temporal():
        return column.dtype not in (pl.Duration, pl.Time)
    values = column.drop_nulls()
    return column.dtype == pl.String and len(values) > 0 and date_format(values) is not None
