"""Where a probability becomes a yes: one half, or what out-of-fold predictions say is better."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..competition import Contract
from .outputs import Answers

_GRID = np.arange(0.05, 0.951, 0.01)
_USUAL = 0.5


def moved(answers: Answers, threshold: float) -> Answers:
    """Probabilities of two classes `(rows, 2)`, moved so that `threshold` becomes one half."""
    if threshold == _USUAL or isinstance(answers, list):
        return answers
    yes = answers[:, 1] * (1 - threshold)
    no = answers[:, 0] * threshold
    return torch.stack([no, yes], dim=1) / (no + yes).clamp(min=1e-12)[:, None]


def fit_threshold(
    contract: Contract, answers: Answers, truth: Answers, folds: NDArray[np.int64]
) -> tuple[float, Answers]:
    """The threshold for two classes under F1, whose best one is seldom one half.

    It is kept only if it also helps rows of folds that it was not fitted on.

    Args:
        answers: out-of-fold probabilities `(rows, 2)`; all others are left as they are.
        folds: the fold of each row.

    Returns:
        The threshold for new rows, and the answers, those of each fold moved by the threshold that
        the other folds give: what is scored was not fitted on.
    """
    if isinstance(answers, list) or isinstance(truth, list) or not _is_tuned(contract):
        return _USUAL, answers
    score = contract.scoring.score

    def best(rows: NDArray[np.bool_]) -> float:
        chosen = torch.from_numpy(rows)
        p, y = answers[chosen], truth[chosen]
        scores = [score(moved(p, float(t)), y) for t in _GRID]
        return float(_GRID[int(np.argmax(scores))])

    result: Tensor = answers.clone()
    for fold in np.unique(folds):
        here = folds == fold
        result[torch.from_numpy(here)] = moved(answers[torch.from_numpy(here)], best(~here))  # type: ignore[assignment]
    if not contract.scoring.better(score(result, truth), score(answers, truth)):
        return _USUAL, answers
    return round(best(np.ones(len(folds), dtype=bool)), 2), result


def _is_tuned(contract: Contract) -> bool:
    two = contract.problem == "classification" and len(contract.classes) == 2
    return two and contract.metric in ("f1", "macro_f1")
