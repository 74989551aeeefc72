"""Weights of an ensemble's members, fitted on out-of-fold predictions only."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..metrics import Metric

_ROUNDS = 50


def fit_weights(members: list[Tensor], targets: Tensor, metric: Metric) -> NDArray[np.float64]:
    """Greedy selection with replacement (Caruana et al., Ensemble Selection, 2004).

    Adds, round by round, the member that makes the average of all added so far score best; a
    member's weight is how often it was chosen. Starts from the best single member, and stops where
    no member helps.

    Args:
        members: out-of-fold predictions of each member `(rows, outputs)`, the same rows.
        targets: as `metric.score` wants them.

    Returns:
        Non-negative weights `(members,)` that sum to one.
    """
    counts = np.zeros(len(members))
    total = torch.zeros_like(members[0])
    best: float | None = None
    for chosen in range(_ROUNDS):
        scores = [metric.score((total + member) / (chosen + 1), targets) for member in members]
        pick = max(range(len(members)), key=lambda i: scores[i] if metric.maximize else -scores[i])
        if best is not None and not metric.better(scores[pick], best):
            break
        best = scores[pick]
        counts[pick] += 1
        total = total + members[pick]
        if len(members) == 1:
            break
    weights: NDArray[np.float64] = counts / counts.sum()
    return weights
