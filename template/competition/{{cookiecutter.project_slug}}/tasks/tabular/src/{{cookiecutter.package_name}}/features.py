"""Columns that you add. This is the file to edit: whatever it returns is learned from.

Kinds of columns are found by themselves: `contract.yaml` shows them, and `data.column_types` in
params.yaml corrects them.
"""

import polars as pl


def add_columns(table: pl.DataFrame) -> pl.DataFrame:
    """Return columns made of other columns of the same row, or counted over all rows.

    `prepare` calls it once.

    Args:
        table: the input columns of all rows, those of train above those of test, without targets.

    Returns:
        The table with columns added, changed or dropped; the same rows in the same order.
    """
    return table


def fold_features(known: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return columns that need targets, such as the mean target of a group.

    Each fold calls it. `rows` are never among `known`: validation and test rows see the fold's
    training rows, and each tenth of the training rows sees the other nine. So no row can see its
    own target, and nothing is seen of the validation rows.

    Args:
        known: training rows with all their columns, targets included.
        rows: the rows that want columns; they have no targets.

    Returns:
        Only the new columns, a row for each of `rows`; without any column if there are none.
    """
    return pl.DataFrame()
