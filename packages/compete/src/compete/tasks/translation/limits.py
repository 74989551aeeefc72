"""Ends a translation where its own source says, whatever other rows are in the batch."""

import torch
from torch import Tensor
from transformers import LogitsProcessor


class EndAt(LogitsProcessor):  # type: ignore[misc]  # mypy skips transformers
    """Leaves only the end token to a row that has become as long as it may.

    `generate` has one limit for a whole batch, so that a row that finds no end would be as long as
    the longest of its neighbours lets it.

    Args:
        limits: for each row of the batch the tokens that may be generated `(rows,)`.
        end: the end token.
    """

    def __init__(self, limits: Tensor, end: int) -> None:
        self.limits, self.end = limits, end

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Return the next token's scores `(rows * beams, words)`; a row's beams are neighbours."""
        beams = len(scores) // len(self.limits)
        over = input_ids.shape[1] >= self.limits.repeat_interleave(beams)
        ended = torch.full_like(scores, -torch.inf)
        ended[:, self.end] = 0.0
        return torch.where(over[:, None], ended, scores)
