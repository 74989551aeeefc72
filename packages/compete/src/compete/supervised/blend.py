"""Blends the predictions of several models by weights fitted on out-of-fold predictions only."""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from compete.metrics import Metric
from compete.problems.base import Predictions

_ROUNDS = 50
_PATIENCE = 10  # rounds without a better score
_HALVES = 10
_FEWEST, _MOST = 50, 25_000  # rows to draw halves from, and of a half
_LEAST = 0.05  # of the greatest weight; a model of less isn't worth its time
Blender = Callable[[NDArray[np.float64]], Predictions]


def fit_weights(
    members: Sequence[Predictions], targets: Predictions, metric: Metric
) -> NDArray[np.float64]:
    """Bagged ensemble selection (Caruana et al., Ensemble Selection, 2004).

    The mean of the weights that random halves of the rows give: those of all rows at once follow
    chance, above all with a metric that counts. Few rows, and strings, whose metrics are slow, are
    taken at once.

    Args:
        members: out-of-fold predictions of each member, of the same rows.
        targets: as `metric.score` wants them.
        metric: what is made as good as possible.

    Returns:
        Non-negative weights `(members,)` that sum to one.
    """
    if len(members) == 1:
        return np.ones(1)
    rows = len(targets)
    if isinstance(targets, list) or rows < _FEWEST:
        return _select(members, targets, metric)
    numbers = [member for member in members if not isinstance(member, list)]
    random, found = np.random.default_rng(0), []
    with warnings.catch_warnings():  # a half may lack a rare class
        warnings.simplefilter("ignore", UserWarning)
        for _ in range(_HALVES):
            half = torch.from_numpy(random.permutation(rows)[: min(rows // 2, _MOST)])
            found.append(_select([member[half] for member in numbers], targets[half], metric))
    weights: NDArray[np.float64] = np.mean(found, axis=0)
    weights[weights < _LEAST * weights.max()] = 0
    weights /= weights.sum()
    return weights


def _select(
    members: Sequence[Predictions], targets: Predictions, metric: Metric
) -> NDArray[np.float64]:
    """Greedy selection with replacement.

    Add, round by round, the member that makes the blend of all added so far score best; a
    member's weight is how often it was chosen until the best round of all. A round that does not
    help does not end it: a very confident member may help with a quarter of the weight only.
    """
    counts = np.zeros(len(members))
    blend = make_blender(members)
    best: float | None = None
    best_counts, best_round = counts, 0
    for chosen in range(_ROUNDS):
        tried = [(counts + one) / (chosen + 1) for one in np.eye(len(members))]
        scores = [metric.score(blend(weights), targets) for weights in tried]
        pick = max(range(len(members)), key=lambda i: scores[i] if metric.maximize else -scores[i])
        counts[pick] += 1
        if best is None or metric.better(scores[pick], best):
            best, best_counts, best_round = scores[pick], counts.copy(), chosen
        elif chosen - best_round == _PATIENCE:
            break
    weights: NDArray[np.float64] = best_counts / best_counts.sum()
    return weights


def make_blender(parts: Sequence[Predictions]) -> Blender:
    """Return a function from weights `(parts,)` to the blend.

    Of numbers it is the mean, of strings the one that the others agree with most.
    """
    texts = [part for part in parts if isinstance(part, list)]
    if texts:
        return _consensus(texts)
    numbers = torch.stack([part.double() for part in parts if not isinstance(part, list)])
    least, greatest = numbers.amin(dim=0), numbers.amax(dim=0)

    def mean(weights: NDArray[np.float64]) -> Predictions:
        blend: Tensor = torch.tensordot(torch.from_numpy(weights), numbers, dims=1)
        return blend.clamp(least, greatest)  # rounded sums of weights may exceed 1

    return mean


def _consensus(parts: list[list[str]]) -> Blender:
    """Choose of each row's candidates the one with the highest mean chrF to all of them.

    Minimum Bayes risk decoding (Kumar and Byrne, 2004) over the models' own predictions, which
    seldom share an error.
    """
    from sacrebleu.metrics.chrf import CHRF

    metric = CHRF()
    alike = np.zeros((len(parts[0]), len(parts), len(parts)))
    for row, candidates in enumerate(zip(*parts, strict=True)):
        known: dict[tuple[str, str], float] = {}
        for i, one in enumerate(candidates):
            for j, other in enumerate(candidates):
                if (one, other) not in known:
                    same = one == other
                    known[one, other] = (
                        1.0 if same else metric.sentence_score(one, [other]).score / 100
                    )
                alike[row, i, j] = known[one, other]

    def pick(weights: NDArray[np.float64]) -> list[str]:
        chosen = (alike @ weights).argmax(axis=1)
        return [parts[index][row] for row, index in enumerate(chosen)]

    return pick
