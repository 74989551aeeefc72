"""The row ids of a submission: a column of ids, or the order of the rows."""

from itertools import permutations, product
from pathlib import Path

import polars as pl

from compete.contract import Competition
from compete.errors import Fault
from compete.files import ROW_ID

SEPARATORS = ("_", "-", "/", "|", ":", ".", " ", ",", "")
_MOST_PARTS = 12  # columns that may be parts of an id
_REMEDY = "Set `test_table:`, `sample_table:` or `id_column:` under `competition` in params.yaml."
_ONE_ROW_EACH = (
    "Write another sample submission with one row for each test row and one column for each value, "
    "and set `sample_table:` under `competition` in params.yaml to it. Before `compete submit`, "
    "convert the submission to Kaggle's format."
)


def as_ids(column: pl.Series) -> pl.Series:
    """Return the ids of a column as text; whole numbers without a point."""
    if column.dtype.is_float() and bool((column % 1 == 0).all()):
        column = column.cast(pl.Int64)
    return column.cast(pl.String).alias(ROW_ID)


def row_ids(table: pl.DataFrame, key: str | None) -> pl.Series:
    """Return what names the rows of a table: the ids of a column, without one their numbers."""
    return as_ids(table[key] if key is not None else pl.Series(range(table.height)))


def find_id(
    sample: pl.DataFrame,
    path: Path,
    test: pl.DataFrame | None,
    train: pl.DataFrame | None,
    asked: Competition,
) -> tuple[str | None, list[str]]:
    """Return the sample's column that names a row, and those that repeat what the test rows hold.

    Args:
        sample: the sample submission.
        path: its file, to be named.
        test: the rows to predict, where they lie in a table.
        train: the training rows, where they lie in a table.
        asked: what params.yaml says.

    Returns:
        None for the column where the sample has no ids: then the order of its rows counts.

    Raises:
        Fault: params.yaml names a column that is not there, or an id comes twice.
    """
    key, here = asked.id_column, set(test.columns) if test is not None else set()
    shared = [name for name in sample.columns if name in here]
    shared = [name for name in shared if name not in (asked.target_columns or [])]
    if key:
        if key not in sample.columns:
            raise Fault(
                f"The sample submission {path} has no column {key!r}.",
                f"Set `id_column:` under `competition` to one of {sample.columns}.",
            )
        return key, [name for name in shared if name != key]
    first = sample.columns[0]
    unique = sample[first].n_unique() == sample.height
    if len(shared) == 1:
        again = sample[shared[0]].filter(~sample[shared[0]].is_first_distinct())
        if len(again):
            raise Fault(
                f"The sample submission {path} has the same {shared[0]!r} more than once: "
                f"{again.head(5).to_list()}.",
                _ONE_ROW_EACH,
            )
        return shared[0], []
    if shared:  # it repeats inputs, of which the first may be an id
        named = sample[first].dtype.is_integer() or first.lower().endswith("id")
        is_id = first == shared[0] and unique and named
        return (first, shared[1:]) if is_id else (None, shared)
    in_train = train is not None and first in train.columns and test is not None
    if not unique or sample[first].dtype.is_float() or (in_train and sample.width == 1):
        return None, []  # it is to be predicted
    return first, []


def find_alias(sample: pl.DataFrame, key: str | None, test: pl.DataFrame) -> str | None:
    """Return the test rows' column that holds the sample's ids under another name, if one does.

    Args:
        sample: the sample submission.
        key: its column that names a row.
        test: the rows to predict.
    """
    if key is None or key in test.columns:
        return None
    ids = set(as_ids(sample[key]))
    columns = [
        one for one in test.iter_columns() if one.dtype.is_integer() or one.dtype == pl.String
    ]
    columns.sort(key=lambda one: one.name.lower() != key.lower())
    for column in columns:
        if column.n_unique() == test.height and ids == set(as_ids(column)):
            return column.name
    return None


def find_parts(
    sample: pl.DataFrame, key: str | None, test: pl.DataFrame
) -> tuple[list[str], str] | None:
    """Return the columns of the test rows that the sample's ids are joined of, as in `17_left`.

    Args:
        sample: the sample submission.
        key: its column that names a row.
        test: the rows to predict.

    Returns:
        The columns in their order and what stands between them; None if no ids are made so.
    """
    if key is None or key in test.columns or sample[key].dtype != pl.String:
        return None
    ids = set(sample[key])
    first = {
        one.name: as_ids(one.head(1)).item()
        for one in test.iter_columns()
        if one.dtype.is_integer() or one.dtype == pl.String
    }
    all_ids = "\n".join(filter(None, ids))
    parts = [name for name, text in first.items() if text and text in all_ids]
    for count, separator in product((2, 3), SEPARATORS):
        for names in permutations(parts[:_MOST_PARTS], count):
            if separator.join(first[name] for name in names) not in ids:
                continue
            if ids <= set(joined_ids(test, list(names), separator)):
                return list(names), separator
    return None


def joined_ids(table: pl.DataFrame, columns: list[str], separator: str) -> pl.Series:
    """Return ids that are joined of several columns."""
    parts = [as_ids(table[name]).alias(str(place)) for place, name in enumerate(columns)]
    return pl.select(pl.concat_str(parts, separator=separator)).to_series()


def with_row_ids(
    test: pl.DataFrame, path: Path, sample: pl.DataFrame, key: str | None, copied: list[str]
) -> pl.DataFrame:
    """Return the test rows with `ROW_ID`: by the id column, or by order if they have none.

    Args:
        test: the rows to predict.
        path: their file, to be named.
        sample: the sample submission.
        key: the column of the sample that names a row, if there is one.
        copied: columns of the sample that repeat what the test rows hold.

    Raises:
        Fault: the rows can't be matched with those of the sample submission.
    """
    again = key is not None and bool(sample[key].is_duplicated().any())
    unnamed = key is None or (key not in test.columns and sample.height % test.height == 0)
    if again or (unnamed and sample.height > test.height > 1):
        raise Fault(
            f"The sample submission has {sample.height} rows, more than one for some of the "
            f"{test.height} rows of {path}; one row is predicted for each.",
            _ONE_ROW_EACH,
        )
    if key is not None and key in test.columns:
        ids = as_ids(test[key])
        if len(twice := ids.filter(~ids.is_first_distinct())):
            raise Fault(
                f"{path} has the same id more than once: {twice.head(5).to_list()}.",
                "If each row is to be predicted, set another `id_column:` or `test_table:` under "
                "`competition` in params.yaml. If rows with one id are predicted together: "
                f"{_ONE_ROW_EACH[0].lower()}{_ONE_ROW_EACH[1:]}",
            )
        wanted, written = as_ids(sample[key]), sample[key].cast(pl.String)
        theirs, ours = (one.cast(pl.Int64, strict=False) for one in (wanted, ids))
        if not theirs.null_count() and not set(wanted) <= set(ids) and set(theirs) <= set(ours):
            wanted, ids = theirs, ours  # zeros in front in one file
        if absent := sorted(set(wanted) - set(ids)):
            raise Fault(
                f"{path} has no row for {len(absent)} ids of the sample submission, first "
                f"{absent[0]}.",
                _REMEDY,
            )
        named = ids.replace_strict(wanted, written, default=ids.cast(pl.String))
        return test.with_columns(named.alias(ROW_ID))  # as the sample writes them
    if test.height != sample.height:
        raise Fault(
            f"{path} has {test.height} rows, the sample submission {sample.height}, and "
            + (f"the first has no column {key!r}." if key else "no column names them."),
            _REMEDY,
        )
    if copied and not _text(test, copied).equals(_text(sample, copied)):
        order = _text(sample, copied).with_row_index(ROW_ID)
        if order.select(copied).is_duplicated().any():
            raise Fault(
                f"The columns {copied} of {path} are not those of the sample submission.", _REMEDY
            )
        joined = _text(test, copied).join(order, on=copied, how="left", maintain_order="left")
        if joined[ROW_ID].null_count():
            raise Fault(f"{path} has other {copied} than the sample submission.", _REMEDY)
        return test.with_columns(as_ids(joined[ROW_ID]))
    return test.with_columns(row_ids(sample, key))


def _text(table: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    return table.select(pl.col(columns).cast(pl.String))
