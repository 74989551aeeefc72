"""Makes one table of several: labels beside their rows, and tables that describe the rows."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import polars.selectors as cs

from compete.errors import Fault
from compete.supervised.table_roles import TableFiles, targets_in
from compete.table_files import stem

_FOUND = 0.99  # of the rows must be described


def join_labels(
    train: pl.DataFrame,
    labels: pl.DataFrame,
    key: str | None,
    paths: tuple[Path, Path],
    *,
    one_each: bool,
) -> pl.DataFrame:
    """Return the training rows with their labels; a row without one stays.

    Args:
        train: the rows.
        labels: their labels.
        key: as `label_key` returns it.
        paths: the files of both, to be named.
        one_each: refuse several rows that share a label.

    Raises:
        Fault: several rows share a label.
    """
    if key is None:
        return train.hstack(labels)
    if one_each and train[key].n_unique() < train.height:
        raise Fault(
            f"{paths[0]} has several rows for one {key!r}, and {paths[1]} has one label.",
            "Merge them into one row, and set `train_table:` under `competition` to the new file.",
        )
    left, right = (table.with_columns(pl.col(key).cast(pl.String)) for table in (train, labels))
    new = [name for name in labels.columns if name == key or name not in train.columns]
    joined = left.join(right.select(new), on=key, how="left", maintain_order="left")
    return joined.with_columns(train[key])


def label_key(
    train: pl.DataFrame, labels: pl.DataFrame, id_column: str | None, paths: tuple[Path, Path]
) -> str | None:
    """Return the column by which labels go with rows; None: their order. Raise `Fault` if none is.

    The order counts where they share no column and have as many rows.
    """
    shared = [name for name in labels.columns if name in train.columns]
    if not shared and labels.height == train.height:
        return None
    for name in sorted(shared, key=lambda name: name != id_column):
        if labels[name].n_unique() == labels.height:
            return name
    raise Fault(
        f"No column of {paths[1]} names one row of labels; it shares {shared} with {paths[0]}.",
        "Set `train_table:` and `label_table:` under `competition` in params.yaml.",
    )


def aggregate(
    train: pl.DataFrame, test: pl.DataFrame, key: str, wanted: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame, str]:
    """Make one row of all rows with one value of `key`, in the order in which they come.

    What never changes within a key stays as it is. Of other numbers there are mean, standard
    deviation, least and greatest; of other columns the number of different values.

    Args:
        train: the training rows.
        test: the rows to predict.
        key: a column of both.
        wanted: the columns to predict, as the sample calls them.

    Returns:
        Both tables, and what was done in words; nothing where no training row repeats its key, or
        where those that do have different targets, and no test row does.

    Raises:
        Fault: rows with one key have different targets, and the test rows repeat theirs too.
    """
    if train[key].n_unique() == train.height:
        return train, test, ""
    same = _constant_columns(train, key)
    alone = [name for name in train.columns if name not in (*test.columns, key)]
    differ = [n for n in targets_in(alone, wanted) or alone if n not in same]
    if differ and test[key].n_unique() == test.height:
        return train, test, ""  # one row is one sample: train has some values of the key often
    if differ:
        raise Fault(
            f"Train and test have several rows for one {key!r}, in train with different "
            f"{differ[0]!r}.",
            "If each row is predicted, set another `id_column:` under `competition`; else make one "
            f"row of those with one {key!r}, and name the new files by `train_table:` and "
            "`test_table:`.",
        )
    same &= _constant_columns(test, key) | (set(train.columns) - set(test.columns))
    made = []
    for table in (train, test):
        varied = [name for name in table.columns if name not in (*same, key)]
        numbers = [name for name in varied if table[name].dtype.is_numeric()]
        others = [name for name in varied if name not in numbers]
        groups = table.group_by(key, maintain_order=True)
        rows = groups.agg(
            *(pl.col(name).first() for name in table.columns if name in same and name != key),
            *(pl.col(name).mean().alias(f"{name} mean") for name in numbers),
            *(pl.col(name).std().alias(f"{name} std") for name in numbers),
            *(pl.col(name).min().alias(f"{name} min") for name in numbers),
            *(pl.col(name).max().alias(f"{name} max") for name in numbers),
            *(pl.col(name).n_unique().alias(f"{name} different") for name in others),
            pl.len().alias(f"rows of a {key}"),
        )
        made.append(rows)
    return made[0], made[1], f"several rows per {key}, aggregated by mean, std, min, max"


def _constant_columns(table: pl.DataFrame, key: str) -> set[str]:
    counts = table.group_by(key).agg(pl.all().n_unique()).select(~cs.by_name(key))
    return {name for name in counts.columns if counts[name].max() == 1}


def join_others(
    paths: Sequence[Path],
    files: TableFiles,
    train: pl.DataFrame,
    test: pl.DataFrame,
    used: dict[Path, str],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Join the tables that describe the rows of both splits: one row for each value of a key.

    A table for each split, such as `prompts_train` and `prompts_test`, or one for both. The key is
    all columns that it shares with the rows.

    Args:
        paths: the tables that are not used yet.
        files: reads them.
        train: the training rows.
        test: the rows to predict.
        used: gets what each table is used for, or why it is not.
    """
    twins = {stem(path): path for path in paths}
    for path in paths:
        if path in used:
            continue
        twin = path
        if "train" in stem(path):
            twin = twins.get(stem(path).replace("train", "test"), path)
        elif "test" in stem(path) and stem(path).replace("test", "train") in twins:
            continue  # comes with its twin
        key = [n for n in files.columns(path) if n in train.columns and n in test.columns]
        key = [n for n in key if n in files.columns(twin)]
        new = [
            n for n in files.columns(path) if n not in train.columns and n in files.columns(twin)
        ]
        why = "not used: "
        if not key:
            why += "it shares no column with the rows"
        elif not new:
            why += "it has no other columns than the rows"
        elif any(files.repeats(one, key) for one in {path, twin}):
            why += f"several rows for each {_named(key)}"
        else:
            sides = files.rows(path), files.rows(twin)
            if _missing(train, sides[0], key) or _missing(test, sides[1], key):
                why += f"it lacks rows for some {_named(key)}"
            else:
                train, test = (
                    _joined(table, side.select(*key, *new), key)
                    for table, side in zip((train, test), sides, strict=True)
                )
                why = f"joined to the rows by {_named(key)}: {_named(new)}"
        used[path] = used[twin] = why
    return train, test


def _named(columns: list[str]) -> str:
    return ", ".join(columns[:5]) + (", …" if len(columns) > 5 else "")


def _as_text(table: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    return table.with_columns(pl.col(key).cast(pl.String))


def _missing(rows: pl.DataFrame, side: pl.DataFrame, key: list[str]) -> bool:
    found = _as_text(rows.select(key), key).join(
        _as_text(side.select(key), key), on=key, how="semi"
    )
    return found.height < _FOUND * rows.height


def _joined(rows: pl.DataFrame, side: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    joined = _as_text(rows, key).join(
        _as_text(side, key), on=key, how="left", maintain_order="left"
    )
    return joined.with_columns(rows.select(key))
