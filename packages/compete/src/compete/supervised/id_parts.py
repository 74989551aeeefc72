"""What ids hold besides the name of a row: parts that several rows share, such as a group."""

import polars as pl

from compete.supervised.dates import holds_dates

_PARTS = r"[^0-9A-Za-z]+"  # what stands between the parts of an id


def with_id_parts(
    train: pl.DataFrame, test: pl.DataFrame, column: str | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return both tables with the parts of ids such as `0013_02` that several rows share.

    Args:
        train: the training rows.
        test: the rows to predict.
        column: the column of ids.
    """
    if column is None or column not in train.columns or column not in test.columns:
        return train, test
    if any(table[column].dtype != pl.String for table in (train, test)):
        return train, test
    if holds_dates(train[column]):
        return train, test
    pieces = [table[column].str.replace_all(_PARTS, "|").str.split("|") for table in (train, test)]
    lengths = {length for piece in pieces for length in piece.list.len().drop_nulls().unique()}
    if len(lengths) != 1 or not 2 <= (count := lengths.pop()) <= 5:
        return train, test
    for place in range(count):
        parts = [piece.list.get(place) for piece in pieces]
        if parts[0].n_unique() > 0.9 * len(parts[0]) or parts[0].n_unique() == 1:
            continue
        name = f"{column} part {place + 1}"
        if name in train.columns or name in test.columns:
            continue
        numbers = [part.cast(pl.Int64, strict=False) for part in parts]
        if not any(number.null_count() for number in numbers):
            parts = numbers
        train, test = (
            train.with_columns(parts[0].alias(name)),
            test.with_columns(parts[1].alias(name)),
        )
    return train, test
