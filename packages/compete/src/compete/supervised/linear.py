"""Linear models of features that are computed once: logistic regression, of values a ridge."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from compete.problems import MultiLabel, Problem, Regression
from compete.problems.base import TargetStats

Floats = NDArray[np.float64]
_SURE = 15.0  # the logit of a class that no training row has is minus this
_HELD = 4  # every so many rows, one is held out where there is no fold to hold out


def best_l2(
    problem: Problem,
    x: Any,
    targets: Tensor,
    stats: TargetStats,
    held_out: Sequence[NDArray[np.bool_]],
    penalties: Sequence[float],
) -> float:
    """Return the penalty with the least mean loss on parts of the rows, fitted on the others.

    Args:
        problem: what is predicted.
        x: the features `(n, features)`.
        targets: as `Problem.targets` makes them.
        stats: what is known of the targets.
        held_out: for each part, whether a row is in it `(n,)`; of a part that is all rows, every
            fourth one is held out instead.
        penalties: those to try, the strongest first; none after the first that is worse.
    """
    best, least = penalties[0], np.inf
    for l2 in penalties:
        losses = []
        for part in held_out:
            held = np.arange(len(part)) % _HELD == 0 if part.all() else part
            weight, bias = solve(problem, x[~held], targets[~held], stats, l2)
            logits = torch.from_numpy(x[held] @ weight + bias).float()
            losses.append(float(problem.loss(logits, targets[held], stats)))
        loss = float(np.mean(losses))
        if loss >= least:
            break
        best, least = l2, loss
    return best


def solve(
    problem: Problem, x: Any, targets: Tensor, stats: TargetStats, l2: float
) -> tuple[Floats, Floats]:
    """Return the weights `(features, outputs)` and the bias `(outputs,)` of the problem.

    Args:
        problem: what is predicted.
        x: the features `(n, features)`.
        targets: as `Problem.targets` makes them.
        stats: what is known of the targets.
        l2: strength of the L2 penalty: 1/C of logistic regression, alpha of ridge.
    """
    y = problem.standardize(targets, stats).double().numpy()
    weights = stats.weight.double().numpy()
    if isinstance(problem, Regression):
        from sklearn.linear_model import Ridge

        if not x.shape[1]:
            return np.zeros((0, y.shape[1])), y.mean(axis=0)
        ridge = Ridge(l2).fit(x, y)
        return np.atleast_2d(ridge.coef_).T, np.atleast_1d(ridge.intercept_)
    if not isinstance(problem, MultiLabel):
        return _logistic(x, y, weights, l2)
    each = [
        _logistic(x, label, np.array([1.0, weight]), l2)
        for label, weight in zip(y.T, weights, strict=True)
    ]
    weight = np.stack([weight[:, 1] - weight[:, 0] for weight, _ in each], axis=1)
    return weight, np.array([bias[1] - bias[0] for _, bias in each])


def _logistic(x: Any, y: Floats, class_weight: Floats, l2: float) -> tuple[Floats, Floats]:
    """Return weights `(features, classes)` and bias `(classes,)` for classes numbered from 0."""
    from sklearn.linear_model import LogisticRegression

    y = y.astype(np.int64)
    counts = np.bincount(y, class_weight[y], len(class_weight))
    there = np.flatnonzero(counts)
    weight, bias = np.zeros((x.shape[1], len(counts))), np.full(len(counts), -_SURE)
    bias[there] = np.log(counts[there] / counts.sum())
    if len(there) == 1 or not x.shape[1]:  # there is nothing to learn, or nothing to learn from
        return weight, bias
    model = LogisticRegression(C=1 / l2, max_iter=1000).fit(x, y, class_weight[y])
    if len(there) == 2:  # scikit-learn gives the difference between both
        weight[:, there[1]], bias[there] = model.coef_[0], [0.0, model.intercept_[0]]
    else:
        weight[:, there], bias[there] = model.coef_.T, model.intercept_
    return weight, bias
