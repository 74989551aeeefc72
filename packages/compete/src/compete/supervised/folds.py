"""Cross-validation folds: stratified, grouped, in the order of time, or plain; written once."""

import warnings

import numpy as np
import polars as pl
from numpy.typing import NDArray

from compete.errors import Fault
from compete.problems.base import Problem, first_alike
from compete.supervised.holdout import Holdout
from compete.supervised.settings import DataSettings

_MANY_GROUPS = 50_000


def assign_folds(
    table: pl.DataFrame,
    problem: Problem,
    groups: NDArray[np.int64],
    holdout: Holdout,
    settings: DataSettings,
    seed: int,
) -> tuple[NDArray[np.int64], str]:
    """Return a fold for every row of the training table, and the kind of folds that was made.

    Rows of one group always share a fold. Where there are fewer groups than folds, each group is a
    fold; where there are few times, there are fewer folds.

    Args:
        table: the training rows.
        problem: decides what is held in balance.
        groups: of the rows, as `join_groups` numbers them.
        holdout: whether folds go by groups, or by which times.
        settings: how many folds, and of which kind.
        seed: of the shuffling.

    Returns:
        Fold numbers `(rows,)`; -1 is the oldest block of time-ordered folds, which only trains.

    Raises:
        Fault: there are too few rows, groups or times.
    """
    folds = settings.folds
    if not 2 <= folds <= table.height:
        raise Fault(
            f"{table.height} rows can't be split into {folds} folds.",
            "Set `folds:` under `data` in params.yaml to 2 or more, and to no more than the rows.",
        )
    if holdout.kind == "time":
        assert holdout.times is not None
        return _by_time(holdout.times, holdout.column, groups, folds), "time"
    plain = settings.fold_kind == "plain"
    different = len(np.unique(groups))
    if different < folds:
        if holdout.groups is None or different < 2:
            raise Fault(
                f"There are fewer groups than the {folds} folds.",
                "Set fewer `folds:` under `data` in params.yaml.",
            )
        folds = different
    strata = np.zeros(table.height, dtype=np.int64) if plain else problem.strata(table, folds)
    if np.bincount(strata).max() < folds:  # every class is rarer than the folds
        strata, plain = np.zeros_like(strata), True
    kind = "grouped" if holdout.groups is not None else "plain" if plain else "stratified"
    return _split(strata, groups, folds, seed), kind


def _by_time(
    times: pl.Series, name: str, groups: NDArray[np.int64], folds: int
) -> NDArray[np.int64]:
    """Return blocks of time, -1 the oldest; rows of one time or group lie in its latest block.

    There are fewer where there are too few different times.
    """
    if times.null_count():
        raise Fault(
            f"The column {name!r} has {times.null_count()} rows without a time.",
            "Fill them in, or choose another `fold_kind:` under `data` in params.yaml.",
        )
    order = times.rank("min").to_numpy().astype(np.int64) - 1
    latest = np.zeros(groups.max() + 1, dtype=np.int64)
    np.maximum.at(latest, groups, order)
    for count in range(folds, 1, -1):
        blocks = latest[groups] * (count + 1) // len(times) - 1
        if len(np.unique(blocks)) > count:
            return blocks
    raise Fault(
        f"The column {name!r} has too few different times for {folds} folds, or for two.",
        "Set `fold_kind: stratified` under `data` in params.yaml.",
    )


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


def join_groups(content: pl.Series, named: pl.Series | None) -> NDArray[np.int64]:
    """Return a group number for each row: joined by equal content, the named column, or both.

    Args:
        content: a fingerprint for each row; rows with the same one are the same.
        named: the values that folds go by, if they go by groups; a row without one is alone.
    """
    same = first_alike(content.to_frame())
    if named is None:
        return same
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    row = np.arange(len(named))
    named_alike = np.where(named.is_null().to_numpy(), row, first_alike(named.to_frame()))
    edges = np.tile(row, 2), np.concatenate([same, named_alike])
    graph = coo_array((np.ones(2 * len(row)), edges), shape=(len(row), len(row)))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
