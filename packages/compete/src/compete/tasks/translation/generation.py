"""Limits the length of each translation, independent of its batch."""

from typing import Any

from torch import Tensor
from transformers import StoppingCriteria


class RowLimits(StoppingCriteria):  # type: ignore[misc]  # mypy skips transformers
    """Stops each row at its own maximum length.

    `max_new_tokens` is the same for a whole batch. A translation that reaches it would depend on
    the other sentences of its batch.

    Args:
        limits: the maximum number of new tokens for each row `(n,)`.
    """

    def __init__(self, limits: Tensor) -> None:
        self.limits = limits

    def __call__(self, input_ids: Tensor, scores: Any, **kwargs: Any) -> Any:
        """Return whether each sequence `(n * candidates,)` has reached its row's limit."""
        limits = self.limits.repeat_interleave(len(input_ids) // len(self.limits))
        return input_ids.shape[1] - 1 >= limits  # less the start token
