"""The decision threshold of a probability: 0.5, or one fitted on out-of-fold predictions."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from compete.problems import Problem
from compete.problems.base import Predictions

_GRID = np.arange(0.05, 0.951, 0.01)
_USUAL = 0.5


def apply_threshold(predictions: Predictions, threshold: float) -> Predictions:
    """Move probabilities of two classes `(rows, 2)` so that `threshold` becomes one half."""
    if threshold == _USUAL or isinstance(predictions, list):
        return predictions
    yes = predictions[:, 1] * (1 - threshold)
    no = predictions[:, 0] * threshold
    return torch.stack([no, yes], dim=1) / (no + yes).clamp(min=1e-12)[:, None]


def fit_threshold(
    problem: Problem, predictions: Predictions, targets: Predictions, folds: NDArray[np.int64]
) -> tuple[float, Predictions]:
    """Fit the binary threshold for a metric such as F1, whose best threshold is seldom 0.5.

    It is kept only if it also helps rows of folds that it was not fitted on.

    Args:
        problem: says whether a threshold is fitted.
        predictions: out-of-fold probabilities `(rows, 2)`; all others are left as they are.
        targets: class indices `(rows,)`.
        folds: the fold of each row.

    Returns:
        The threshold for new rows; and the predictions, those of each fold moved by the
        threshold that the other folds give, so that no row is scored that was fitted on.
    """
    if isinstance(predictions, list) or isinstance(targets, list) or not problem.has_threshold:
        return _USUAL, predictions
    metric = problem.contract.scoring

    def best(rows: NDArray[np.bool_]) -> float:
        chosen = torch.from_numpy(rows)
        p, y = predictions[chosen], targets[chosen]
        scores = [metric.score(apply_threshold(p, float(t)), y) for t in _GRID]
        return float(_GRID[int(np.argmax(scores) if metric.maximize else np.argmin(scores))])

    result: Tensor = predictions.clone()
    for fold in np.unique(folds):
        here = torch.from_numpy(folds == fold)
        moved = apply_threshold(predictions[here], best(folds != fold))
        assert not isinstance(moved, list)
        result[here] = moved
    if not metric.better(metric.score(result, targets), metric.score(predictions, targets)):
        return _USUAL, predictions
    return round(best(np.ones(len(folds), dtype=bool)), 2), result
