"""How far a score on these rows, or a difference of two, may be from that on others like them."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from compete.files import GROUP
from compete.problems import Problem

_RESAMPLES = 500
_MOST_ROWS = 20_000_000  # that are scored in all resamples together
_MOST_TEXTS = 50_000  # whose scores take longer
_FEWEST = 50  # resamples, below which the ends of an interval mean little


def score_interval(
    problem: Problem, oof: pl.DataFrame, train: pl.DataFrame | None
) -> tuple[float, float] | None:
    """Return the 95% percentile bootstrap interval of the score (Efron, 1979).

    Rows of one group are drawn together, since they are no independent evidence.

    Args:
        problem: the kind of problem.
        oof: out-of-fold predictions with targets.
        train: all training rows, in their order.

    Returns:
        Its ends, or None where so many rows would take too long.
    """
    score, texts = _scorer(problem, oof)
    return _interval(score, oof, train, texts)


def difference_interval(
    problem: Problem, oof: pl.DataFrame, other: pl.DataFrame, train: pl.DataFrame | None
) -> tuple[float, float] | None:
    """Return the 95% interval of how much higher other predictions of the same rows score.

    Both are scored on the same resamples (paired bootstrap), so that what makes rows easy or hard
    cancels out.

    Args:
        problem: the kind of problem.
        oof: predictions with targets.
        other: of the same rows in the same order.
        train: all training rows, in their order.

    Returns:
        Its ends, or None where so many rows would take too long.
    """
    score, texts = _scorer(problem, oof)
    score_other, _ = _scorer(problem, other)
    return _interval(lambda rows: score_other(rows) - score(rows), oof, train, texts)


def _interval(
    score: Callable[[NDArray[Any]], float],
    oof: pl.DataFrame,
    train: pl.DataFrame | None,
    texts: bool,
) -> tuple[float, float] | None:
    times = min(_RESAMPLES, (_MOST_TEXTS if texts else _MOST_ROWS) // max(oof.height, 1))
    if times < _FEWEST:
        return None
    draw = _drawer(oof, train)
    random = np.random.default_rng(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rows that lack a class
        scores = [score(draw(random)) for _ in range(times)]
    low, high = np.nanquantile(scores, [0.025, 0.975])
    return float(low), float(high)


def _scorer(problem: Problem, oof: pl.DataFrame) -> tuple[Callable[[NDArray[Any]], float], bool]:
    """Return what scores some of the rows, and whether these are texts."""
    measure = problem.contract.scoring.score
    predictions, targets = problem.predictions_of(oof), problem.targets_of(oof)
    if isinstance(predictions, list):
        found, right = np.array(predictions, dtype=object), np.array(targets, dtype=object)
        return lambda rows: measure(found[rows].tolist(), right[rows].tolist()), True
    classes = len(targets.unique()) if problem.name == "classification" else 0

    def scored(rows: NDArray[Any]) -> float:
        drawn = targets[rows]
        if classes > 1 and len(drawn.unique()) == 1:
            return float("nan")  # many a metric needs two
        return measure(predictions[rows], drawn)

    return scored, False


def _drawer(
    oof: pl.DataFrame, train: pl.DataFrame | None
) -> Callable[[np.random.Generator], NDArray[Any]]:
    """Return what draws as many rows, or groups of rows, as there are, with replacement."""
    if train is None or GROUP not in train.columns:
        return lambda random: random.integers(0, oof.height, oof.height)
    groups = train[GROUP][oof["row"].to_list()]
    places = pl.DataFrame({"group": groups, "place": range(oof.height)})
    parts = [part["place"].to_numpy() for part in places.partition_by("group", maintain_order=True)]
    return partial(_draw_groups, parts)


def _draw_groups(parts: list[NDArray[Any]], random: np.random.Generator) -> NDArray[Any]:
    return np.concatenate([parts[i] for i in random.integers(0, len(parts), len(parts))])
