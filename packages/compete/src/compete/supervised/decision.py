"""From probabilities to a class: the most probable one, or as out-of-fold predictions tell."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from compete.problems import Problem
from compete.problems.base import Predictions

_PARTS = 5
_THRESHOLDS = np.arange(0.05, 0.951, 0.01)
_STRETCHES = np.arange(1.0, 2.01, 0.1)
_SHIFTS = np.arange(-0.4, 0.41, 0.1)  # in classes


@dataclass(frozen=True)
class Decision:
    """How a class is decided on.

    Args:
        threshold: the probability from which on two classes are a yes.
        cut_points: of ordered classes, the mean class, counted from 0, from which on a row is of
            the next one `(classes - 1,)`; empty: the most probable class.
    """

    threshold: float = 0.5
    cut_points: tuple[float, ...] = ()

    def __str__(self) -> str:
        if not self.cut_points:
            return f"a threshold of {self.threshold:.2f}"
        return f"cut points of the mean class at {', '.join(f'{c:.2f}' for c in self.cut_points)}"

    def apply(self, predictions: Predictions) -> Predictions:
        """Return probabilities `(rows, classes)`, the greatest of which is that of the class."""
        if self == Decision() or isinstance(predictions, list):
            return predictions
        if self.cut_points:
            cuts = torch.tensor(self.cut_points, dtype=torch.double)
            found = torch.searchsorted(cuts, _mean_class(predictions), right=True)
            return torch.nn.functional.one_hot(found, predictions.shape[1]).to(predictions)
        yes = predictions[:, 1] * (1 - self.threshold)
        no = predictions[:, 0] * self.threshold
        return torch.stack([no, yes], dim=1) / (no + yes).clamp(min=1e-12)[:, None]


def fit_decision(
    problem: Problem, predictions: Predictions, targets: Predictions, folds: NDArray[np.int64]
) -> tuple[Decision, Predictions]:
    """Fit a threshold for a metric such as F1, or cut points for quadratic weighted kappa.

    Cut points stretch the mean class away from its average, since it varies less than the classes
    do. What is found is kept only if it also helps rows of folds that it was not fitted on.

    Args:
        problem: says what there is to fit.
        predictions: out-of-fold probabilities `(rows, classes)`; all others are left as they are.
        targets: class indices `(rows,)`.
        folds: the fold of each row.

    Returns:
        The decision for new rows; and the predictions, those of each fold moved by the decision
        that the other folds give, so that no row is scored that was fitted on.
    """
    usual = Decision()
    if isinstance(predictions, list) or isinstance(targets, list) or problem.decision is None:
        return usual, predictions
    if len(np.unique(folds)) < 2:  # a single hold-out: its rows are parted instead
        folds = np.arange(len(folds)) % _PARTS
    metric = problem.contract.scoring
    tried = _thresholds() if problem.decision == "threshold" else _cut_points(predictions)

    def best(rows: NDArray[np.bool_]) -> Decision:
        chosen = torch.from_numpy(rows)
        p, y = predictions[chosen], targets[chosen]
        scores = [metric.score(decision.apply(p), y) for decision in tried]
        return tried[int(np.argmax(scores) if metric.maximize else np.argmin(scores))]

    result: Tensor = predictions.clone()
    for fold in np.unique(folds):
        here = torch.from_numpy(folds == fold)
        moved = best(folds != fold).apply(predictions[here])
        assert not isinstance(moved, list)
        result[here] = moved
    if not metric.better(metric.score(result, targets), metric.score(predictions, targets)):
        return usual, predictions
    return best(np.ones(len(folds), dtype=bool)), result


def _thresholds() -> list[Decision]:
    return [Decision(threshold=round(float(value), 2)) for value in _THRESHOLDS]


def _cut_points(predictions: Tensor) -> list[Decision]:
    """Return cut points that stretch and shift the mean class around its average."""
    centre = float(_mean_class(predictions).mean())
    halves = np.arange(predictions.shape[1] - 1) + 0.5
    return [
        Decision(cut_points=tuple(np.round(centre + (halves - centre - shift) / stretch, 3)))
        for stretch in _STRETCHES
        for shift in _SHIFTS
    ]


def _mean_class(predictions: Tensor) -> Tensor:
    """Return the mean class `(rows,)`, counted from 0."""
    p = predictions.double()
    places = torch.arange(p.shape[1], dtype=torch.double)
    return (p @ places) / p.sum(dim=1).clamp(min=1e-12)
