"""Several processes that train the same networks: averages of gradients and of statistics."""

from collections.abc import Iterable
from typing import Any

import torch
from lightning.pytorch.strategies import DDPStrategy
from torch import Tensor, distributed
from typing_extensions import override


class AveragedGradients(DDPStrategy):
    """Lightning's DDP without PyTorch's wrapper: the module averages its gradients itself.

    The wrapper expects one backward pass for a forward pass, and no gradients of gradients, which
    the penalties need.
    """

    @override
    def configure_ddp(self) -> None:
        """Leave the module as it is."""


def _together() -> int:
    ready = distributed.is_available() and distributed.is_initialized()
    return distributed.get_world_size() if ready else 1


@torch.no_grad()
def average_gradients(weights: Iterable[Tensor]) -> None:
    """Replace each gradient by its mean over all processes, in one message."""
    if (ranks := _together()) == 1:
        return
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    if not gradients:
        return
    flat: Any = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    flat /= ranks
    for gradient, mean in zip(
        gradients, flat.split([each.numel() for each in gradients]), strict=True
    ):
        gradient.copy_(mean.view_as(gradient))


def average_over_ranks(value: Tensor) -> Tensor:
    """Return the mean of a tensor over all processes."""
    if (ranks := _together()) == 1:
        return value
    total = value.detach().clone()
    distributed.all_reduce(total)
    return total / ranks
