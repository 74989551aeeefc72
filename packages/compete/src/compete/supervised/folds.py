"""Cross-validation folds: stratified, grouped, in the order of time, or plain; written once."""

import warnings

import numpy as np
import polars as pl
from numpy.typing import NDArray

from compete.errors import Fault
from compete.problems.base import Problem, first_alike
from compete.supervised.settings import DataSettings

_MANY_GROUPS = 50_000


def assign_folds(
    table: pl.DataFrame, problem: Problem, duplicates: pl.Series, settings: DataSettings, seed: int
) -> tuple[NDArray[np.int64], str]:
    """Return a fold for every row of the training table, and the kind of folds that was made.

    Rows of one group, and rows with the same content, always share a fold. `auto` is `time` or
    `grouped` where such a column is named, else `stratified`.

    Args:
        table: the training rows.
        problem: decides what is held in balance.
        duplicates: a fingerprint for each row; rows with the same one are the same.
        settings: how many folds, of which kind, by which columns.
        seed: of the shuffling.

    Returns:
        Fold numbers `(rows,)`; -1 is the oldest block of time-ordered folds, which only trains.

    Raises:
        Fault: a column is missing, or there are too few rows or groups.
    """
    folds, kind = settings.folds, _kind(settings)
    group_column, time_column = settings.group_column, settings.time_column
    if not 2 <= folds <= table.height:
        raise Fault(
            f"{table.height} rows can't be cut into {folds} folds.",
            "Set `folds:` under `data` in params.yaml to 2 or more.",
        )
    for column in (group_column, time_column):
        if column is not None and column not in table.columns:
            raise Fault(
                f"The training table has no column {column!r}.",
                f"Name one of {table.columns[:20]} under `data` in params.yaml.",
            )
    groups = _groups(duplicates, table[group_column] if group_column else None)
    if kind == "time":
        return _by_time(table[time_column], groups, folds), kind  # type: ignore[index]
    strata = problem.strata(table) if kind != "plain" else np.zeros(table.height, dtype=np.int64)
    if len(np.unique(groups)) < folds:
        raise Fault(
            f"There are fewer groups than the {folds} folds.",
            "Set fewer `folds:` under `data` in params.yaml.",
        )
    return _split(strata, groups, folds, seed), kind


def _kind(settings: DataSettings) -> str:
    kind = settings.fold_kind
    if kind == "auto":
        if settings.time_column:
            return "time"
        return "grouped" if settings.group_column else "stratified"
    if kind == "time" and not settings.time_column:
        raise Fault("Folds by time need a column.", "Set `time_column:` under `data`.")
    if kind == "grouped" and not settings.group_column:
        raise Fault("Grouped folds need a column.", "Set `group_column:` under `data`.")
    return kind


def _by_time(times: pl.Series, groups: NDArray[np.int64], folds: int) -> NDArray[np.int64]:
    """Return blocks of time, -1 the oldest; rows of one time or group lie in its latest block."""
    if times.null_count():
        raise Fault(
            f"The column {times.name!r} has {times.null_count()} rows without a time.",
            "Fill them in, or choose another `fold_kind:` under `data` in params.yaml.",
        )
    order = times.rank("min").to_numpy().astype(np.int64) - 1
    latest = np.zeros(groups.max() + 1, dtype=np.int64)
    np.maximum.at(latest, groups, order)
    blocks = latest[groups] * (folds + 1) // len(times) - 1
    if len(np.unique(blocks)) <= folds:
        raise Fault(
            f"The column {times.name!r} has too few different times for {folds} folds.",
            "Set fewer `folds:` under `data` in params.yaml.",
        )
    return blocks


def _split(
    strata: NDArray[np.int64], groups: NDArray[np.int64], folds: int, seed: int
) -> NDArray[np.int64]:
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    _, first, member = np.unique(groups, return_index=True, return_inverse=True)
    # So many groups take the other splitter minutes, and are so small that any split is even.
    alone = len(first) == len(groups) or len(first) > _MANY_GROUPS
    chosen = StratifiedKFold if alone else StratifiedGroupKFold
    if alone:
        strata, groups = strata[first], groups[first]
    splitter = chosen(folds, shuffle=True, random_state=seed)
    result = np.empty(len(strata), dtype=np.int64)
    with warnings.catch_warnings():  # a class rarer than the folds: `prepare` says so itself
        warnings.simplefilter("ignore", UserWarning)
        for fold, (_, valid) in enumerate(splitter.split(strata, strata, groups)):
            result[valid] = fold
    return result[member] if alone else result


def _groups(duplicates: pl.Series, named: pl.Series | None) -> NDArray[np.int64]:
    """Return a group number for each row: joined by equal content, the named column, or both."""
    same = first_alike(duplicates.to_frame())
    if named is None:
        return same
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    row = np.arange(len(named))
    named_alike = np.where(named.is_null().to_numpy(), row, first_alike(named.to_frame()))
    edges = np.tile(row, 2), np.concatenate([same, named_alike])
    graph = coo_array((np.ones(2 * len(row)), edges), shape=(len(row), len(row)))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
