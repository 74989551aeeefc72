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
_LOOK = 10_000  # rows that are enough to tell a format


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
    if "%H" in form or "%I" in form:
        found = values.str.to_datetime(form, strict=False, time_unit="us")
        found = found.dt.replace_time_zone(None) if "%z" in form else found  # in UTC
    else:
        found = values.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    usual = found.dt.year().is_between(*(_YEARS_OF_MONTHS if form == "%Y-%m" else _YEARS))
    return found.set(~usual, None)


def as_times(column: pl.Series) -> pl.Series | None:
    """Return a column as points in time if it holds dates and nothing else, else None."""
    if column.dtype.is_temporal() and column.dtype not in (pl.Duration, pl.Time):
        return as_dates(column)
    values = column.drop_nulls()
    if column.dtype != pl.String or values.is_empty() or date_format(values) is None:
        return None
    return as_dates(column)
