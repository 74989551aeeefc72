"""How long a translation may become: a limit for each sentence, whatever batch it is in."""

import torch
from torch import Tensor
from transformers import StoppingCriteria


class RowLimits(StoppingCriteria):
    """Ends each translation at a length of its own.

    `max_new_tokens` counts for a whole batch, so that a translation that finds no end would depend
    on the sentences beside it.

    Args:
        limits: the most new tokens of each row `(n,)`.
    """

    def __init__(self, limits: Tensor) -> None:
        self.limits = limits

    def __call__(  # type: ignore[override]
        self, input_ids: Tensor, scores: object, **kwargs: object
    ) -> Tensor:
        """Return for each of `n` rows times beams whether it ends with its newest token."""
        limits = self.limits.repeat_interleave(len(input_ids) // len(self.limits))
        ended: Tensor = torch.as_tensor(input_ids.shape[1] - 1 >= limits)  # less the start token
        return ended
