"""Your own features. The model uses all columns that these functions return.

The types of columns are inferred. `contract.yaml` shows them, and `data.column_types` in
params.yaml overrides them.
"""

import polars as pl


def add_columns(table: pl.DataFrame) -> pl.DataFrame:
    """Add columns computed from other columns of the same row, or from counts over all rows.

    `compete prepare` calls it once.

    Args:
        table: the input columns of all rows, the training rows first, without targets.

    Returns:
        The table with columns added, changed or dropped, and the same rows in the same order.
    """
    return table


def fold_features(known: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return features computed from targets, such as the mean target of a group.

    It is called for each fold, and `rows` are never part of `known`: features of validation and
    test rows are computed from the fold's training rows, and those of the training rows by 10-fold
    cross-fitting. So no row sees its own target, and no validation row is used.

    Args:
        known: training rows with all their columns, including targets.
        rows: the rows to compute features for, without targets.

    Returns:
        Only the new columns, with one row for each of `rows`; an empty table adds none.
    """
    return pl.DataFrame()
