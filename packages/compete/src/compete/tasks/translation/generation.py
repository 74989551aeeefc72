"""Limits the length of each translation, independent of its batch."""

import torch
from torch import Tensor
from transformers import StoppingCriteria


class RowLimits(StoppingCriteria):
    """Stops each row at its own maximum length.

    `max_new_tokens` is the same for a whole batch. A translation that reaches it would depend on
    the other sentences of its batch.

    Args:
        limits: the maximum number of new tokens for each row `(n,)`.
    """

    def __init__(self, limits: Tensor) -> None:
        self.limits = limits

    def __call__(  # type: ignore[override]
        self, input_ids: Tensor, scores: object, **kwargs: object
    ) -> Tensor:
        """Return whether each sequence `(n * candidates,)` has reached its row's limit."""
        limits = self.limits.repeat_interleave(len(input_ids) // len(self.limits))
        ended: Tensor = torch.as_tensor(input_ids.shape[1] - 1 >= limits)  # less the start token
        return ended
