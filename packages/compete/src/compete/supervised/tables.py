"""Finds the tables of a competition by their contents: the sample, the rows, and their labels."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import polars as pl

from compete.contract import Competition
from compete.errors import Fault
from compete.supervised.joins import aggregate, join_labels, join_others, label_key
from compete.supervised.reading import Reading, Split
from compete.supervised.row_ids import (
    as_ids,
    find_alias,
    find_id,
    find_parts,
    joined_ids,
    row_ids,
    with_row_ids,
)
from compete.supervised.table_roles import (
    TableFiles,
    find_both,
    find_labels,
    find_sample,
    find_test,
    find_train,
    has_columns,
    is_empty,
    other_spelling,
    targets_in,
)

_NO_TABLE_YET = (
    "If there is no table with one row for each value to predict, as in forecasts with a column "
    "for each day or in pairs of teams, write such tables (train, test, and a sample if Kaggle's "
    "has several values per row), and set these keys to them. Before `compete submit`, convert "
    "the submission to Kaggle's format."
)
SplitT = TypeVar("SplitT", bound=Split)


@dataclass
class Tables:
    """What the tables hold; the sample submission is always there.

    Args:
        sample: the sample submission.
        sample_path: its file.
        id_column: its column that names a row; None where the order of the rows does.
        copied_columns: its columns that repeat what the test rows hold.
        train: the rows with labels, if there are such; where files can't be read, None.
        test: the rows to predict, with `ROW_ID`, if there are such.
        train_path: the file of the training rows.
        test_path: the file of the test rows.
        used: each file with what it is used for, or why it is not.
    """

    sample: pl.DataFrame
    sample_path: Path
    id_column: str | None = None
    copied_columns: list[str] = field(default_factory=list)
    train: pl.DataFrame | None = None
    test: pl.DataFrame | None = None
    train_path: Path | None = None
    test_path: Path | None = None
    used: dict[Path, str] = field(default_factory=dict)

    @property
    def sample_rows(self) -> pl.DataFrame:
        """The rows to predict, as far as the sample submission tells them."""
        key = self.id_column
        table = self.sample.select(key) if key else pl.DataFrame()
        return table.with_columns(row_ids(self.sample, key))

    def reading(
        self, train: SplitT, test: SplitT, train_name: str | None = None
    ) -> Reading[SplitT]:
        """Return what `load` of a task returns."""
        path = self.train_path
        return Reading(
            train,
            test,
            self.sample,
            self.id_column,
            self.copied_columns,
            train_name or (path.as_posix() if path else ""),
            self.sample_path.as_posix(),
            {path.as_posix(): use for path, use in self.used.items()},
        )


def find_tables(raw: Path, asked: Competition, *, aggregates: bool = False) -> Tables:
    """Find the tables under `raw` by the sample's ids, the targets, and last by their names.

    Args:
        raw: the folder of the competition's files.
        asked: what params.yaml says; it may name files.
        aggregates: make one row of several that have one id, rather than refuse them.

    Raises:
        Fault: there is no sample submission, a file can't be read, or rows can't be matched.
    """
    files = TableFiles(raw)
    sample_path = files.asked("sample_table", asked.sample_table) or find_sample(files)
    sample = files.rows(sample_path)
    found = Tables(sample, sample_path, used={sample_path: "the sample submission"})
    given = {
        key: files.asked(f"{key}_table", getattr(asked, f"{key}_table"))
        for key in ("train", "test", "label")
    }
    taken = {sample_path, *filter(None, given.values())}
    rest = [path for path in files.paths if path not in taken]
    found.test_path = given["test"] or find_test(files, rest, sample, asked)
    test = files.rows(found.test_path) if found.test_path else None
    if test is None and not given["train"] and (both := find_both(files, rest, sample)):
        return _cut(files.rows(both), both, found, asked)
    values = sample.columns[1:] or sample.columns
    if test is not None:
        empty = [n for n in values if n in test.columns and is_empty(test[n])]
        if set(sample.columns) <= set(test.columns).difference(empty):  # filled in with one value
            empty += [n for n in values if test[n].n_unique() == 1]
        test = test.drop(empty)
        lacking = [name for name in sample.columns if name not in test.columns]
        values = lacking if len(lacking) < sample.width else values
    wanted, columns = asked.target_columns or values, test.columns if test is not None else []
    others = [path for path in rest if path != found.test_path]
    path = given["train"] or find_train(files, others, columns, wanted, sample.columns[0])
    train = files.rows(path) if path else None
    found.train_path = path
    if train is not None and test is not None:
        train = train.rename(other_spelling(train, test))
    if train is not None and test is not None and set(train.columns) <= set(test.columns):
        test = test.drop(n for n in train.columns if is_empty(test[n]) and not is_empty(train[n]))
    key, found.copied_columns = find_id(sample, sample_path, test, train, asked)
    alias = find_alias(sample, key, test) if test is not None else None
    parts = find_parts(sample, key, test) if test is not None and alias is None else None
    if parts and test is not None and found.test_path and key:
        columns, separator = parts
        test = test.with_columns(joined_ids(test, *parts).alias(key))
        several = aggregates and bool(test[key].is_duplicated().any())
        if several and train is not None and {*columns} <= {*train.columns} - {key}:
            train = train.with_columns(joined_ids(train, *parts).alias(key))
        how = f"{columns}, joined by {separator!r}, are the ids of the sample, {key!r}"
        found.used[found.test_path] = f"the rows to predict; {how}"
    found.id_column = alias or key  # as the rows call it, and in the end as the sample does
    if path and train is not None:
        found.used[path] = "the training rows"
        labels = given["label"]
        if labels is None and not has_columns(train.columns, wanted):
            labels = find_labels(files, others, path, columns, wanted)
        found.train, test = _joined(
            files, found, train, test, labels, wanted if aggregates else None
        )
    if test is not None and found.test_path is not None:
        found.used.setdefault(found.test_path, "the rows to predict")
        if alias is not None and key is not None:
            found.id_column, new = key, {alias: key}
            found.used[found.test_path] += f"; {alias!r} holds the ids of the sample, {key!r}"
            test = test.rename(new)
            if found.train is not None and key not in found.train.columns:
                found.train = found.train.rename(new, strict=False)
        names = found.test_path, sample, found.id_column, found.copied_columns
        found.test = with_row_ids(test, *names)
        if found.id_column and found.id_column not in test.columns:
            found.used[found.test_path] += (
                f"; no column holds the ids of the sample, {found.id_column!r}: rows go by order"
            )
    found.used |= {path: f"not used: it is no table ({why})" for path, why in files.unread.items()}
    for left in files.paths:
        found.used.setdefault(left, "not used; a key of `competition` in params.yaml can name it")
    return found


def _cut(table: pl.DataFrame, path: Path, found: Tables, asked: Competition) -> Tables:
    """Return the training rows and the rows to predict of one file that holds both."""
    key, *values = found.sample.columns
    targets = asked.target_columns or targets_in(table.columns, values)
    ours = as_ids(table[key]).is_in(as_ids(found.sample[key]).implode())
    test = table.filter(ours).drop(targets)
    found.used[path] = "the training rows, and without targets the rows to predict"
    found.train, found.train_path, found.test_path = table.filter(~ours), path, path
    found.id_column = key
    found.test = with_row_ids(test, path, found.sample, key, [])
    return found


def _joined(
    files: TableFiles,
    found: Tables,
    train: pl.DataFrame,
    test: pl.DataFrame | None,
    labels: Path | None,
    wanted: list[str] | None,
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """Join labels and what describes the rows.

    Where `wanted`, the columns to predict, is given, rows with one id are made one before.
    """
    key, path = found.id_column, found.train_path
    assert path is not None
    if labels is not None:
        key = label_key(train, files.rows(labels), key, (path, labels))
    shared = key in train.columns and test is not None and key in test.columns
    if wanted is not None and test is not None and key is not None and shared:
        train, test, how = aggregate(train, test, key, wanted)
        if how and found.test_path:
            found.used[path] = f"the training rows, {how}"
            found.used[found.test_path] = f"the rows to predict, {how}"
    if labels is not None:
        one_each = key == found.id_column
        train = join_labels(train, files.rows(labels), key, (path, labels), one_each=one_each)
        found.used[labels] = f"the labels of the training rows, by {key or 'the order of the rows'}"
    if test is not None:
        rest = [one for one in files.paths if one not in (*found.used, found.test_path)]
        train, test = join_others(rest, files, train, test, found.used)
    return train, test


def read_both(raw: Path, asked: Competition, *, aggregates: bool = False) -> Reading[Split]:
    """Read a competition that is two tables, one with labels and one to predict.

    Args:
        raw: the folder of the competition's files.
        asked: what params.yaml says.
        aggregates: make one row of several that have one id, rather than refuse them.

    Raises:
        Fault: one of them can't be found or read, or its rows can't be told apart.
    """
    found = find_tables(raw, asked, aggregates=aggregates)
    if found.train is None or found.test is None:
        missing = "train" if found.train is None else "test"
        what = "has targets beside inputs" if missing == "train" else "has the sample's ids"
        raise Fault(
            f"No table of the {missing} rows was found in {raw}: none {what}; the tables there are "
            f"{TableFiles(raw).shown()}.",
            f"Set `{missing}_table:` under `competition` in params.yaml to the file's name"
            + (", or to the sample's if its ids tell all" if missing == "test" else "")
            + f". {_NO_TABLE_YET}",
        )
    return found.reading(Split(found.train), Split(found.test))
