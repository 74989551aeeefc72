"""Numbers and booleans as people write them in tables: with gaps, and commas for points."""

import polars as pl

MISSING = ("NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?", "")
_AMOUNT = r"^([-+]?)(\p{Sc}?) ?([-+]?[\d.,]*\d) ?([\p{L}\p{Sc}%°'\"/²³]{0,8})$"  # $1,200 or 13.5%
_THOUSANDS = r"^[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$"  # 1,234.5
_DECIMAL_COMMA = r"^[-+]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$"  # 1.234,5


def read_numbers(text: pl.Series, separator: str) -> pl.Series | None:
    """Return a column's numbers if all else in it means a missing value, else None.

    Args:
        text: the column as the file holds it.
        separator: what separates the fields of the file; where it is no comma, one in a number
            may be the decimal point.
    """
    if text.head(1000).str.contains(r"\d,\d").any():
        text = _with_points(text, separator)
    for part in (text.head(1000), text):  # most columns of text are seen at a glance
        values = part
        if part.cast(pl.Float64, strict=False).null_count() > part.null_count():
            values = part.str.strip_chars().replace(dict.fromkeys(MISSING))
        numbers = values.cast(pl.Float64, strict=False)
        if numbers.null_count() > values.null_count() or values.str.contains(r"^0\d").any():
            return None
    if numbers.null_count() == len(numbers):
        return None
    whole = values.cast(pl.Int64, strict=False)
    return whole if whole.null_count() == numbers.null_count() else numbers


def read_booleans(text: pl.Series) -> pl.Series | None:
    """Return a column of true and false, in any case, if all else means a missing value."""
    for part in (text.head(1000), text):
        values = part.str.strip_chars().replace(dict.fromkeys(MISSING)).str.to_lowercase()
        if not values.is_in(["true", "false"]).all():
            return None
    return None if values.null_count() == len(values) else values == "true"


def read_amounts(text: pl.Series) -> pl.Series | None:
    """Return the numbers of a column of amounts in one unit, such as $1,200.00, 13.5% or 74 kg.

    Args:
        text: the column as the file holds it.

    Returns:
        None unless all values have the same unit: a currency's sign in front, or any behind.
    """
    names = ["sign", "before", "number", "after"]
    for part in (text.head(1000), text):
        values = part.str.strip_chars().replace(dict.fromkeys(MISSING))
        found = values.str.extract_groups(_AMOUNT).struct.rename_fields(names).struct.unnest()
        known = found.drop_nulls("number")
        units = known.select("before", "after").unique()
        if units.height != 1 or known.height < values.len() - values.null_count():
            return None
        if not any(units.row(0)):
            return None
    return read_numbers(found["sign"] + found["number"], ",")


def _with_points(text: pl.Series, separator: str) -> pl.Series:
    """Return numbers such as 1,234.5 and, where no comma separates fields, 1.234,5 as 1234.5."""
    values = text.drop_nulls().str.strip_chars()
    values = values.filter(~values.is_in(MISSING))
    for form, group, point in ((_THOUSANDS, ",", "."), (_DECIMAL_COMMA, ".", ",")):
        if (form == _DECIMAL_COMMA) == (separator == ","):
            continue
        for part in (values.head(1000), values):
            if not part.str.contains(form).all():
                break
        else:
            plain = text.str.replace_all(group, "", literal=True)
            return plain.str.replace(point, ".", literal=True)
    return text
