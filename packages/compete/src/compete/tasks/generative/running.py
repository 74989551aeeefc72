"""Running averages: of a network's weights, and of the losses since the last line of progress."""

import math

import torch
from torch import Tensor, nn

from compete.errors import Fault
from compete.tasks.generative.distributed import average_over_ranks


@torch.no_grad()
def average_weights(averaged: nn.Module, network: nn.Module, decay: float, batch: int) -> None:
    """Move averaged weights towards a network's (Progressive GAN, arXiv 1710.10196, section 4.1).

    As in TensorFlow's ExponentialMovingAverage the decay begins low, so that a short training is
    not held back by its first steps. Buffers are taken over as they are.

    Args:
        averaged: a copy of the network.
        network: just trained.
        decay: how much of the average a batch keeps, in the end.
        batch: the number of the batch, from 0.
    """
    decay = min(decay, (1 + batch) / (10 + batch))
    means: list[Tensor] = [*averaged.parameters()]
    current: list[Tensor] = [*network.parameters()]
    torch._foreach_lerp_(means, current, 1 - decay)
    for mean, now in zip(averaged.buffers(), network.buffers(), strict=True):
        mean.copy_(now)


class Means:
    """The means of values, gathered without asking the GPU for any."""

    def __init__(self) -> None:
        self.totals: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}

    def add(self, **values: Tensor) -> None:
        """Add a value of each name."""
        for name, value in values.items():
            self.totals[name] = self.totals.get(name, torch.zeros_like(value)) + value.detach()
            self.counts[name] = self.counts.get(name, 0) + 1

    def take(self) -> dict[str, float]:
        """Return each mean over all processes, and forget the values.

        Raises:
            Fault: one is no number: the training diverged.
        """
        means = {
            name: float(average_over_ranks(total / self.counts[name]))
            for name, total in self.totals.items()
        }
        self.totals, self.counts = {}, {}
        if not all(math.isfinite(value) for value in means.values()):
            raise Fault(
                "Training diverged: a loss is NaN or infinite.",
                "Lower `model.lr` or raise `model.loss.gamma` in params.yaml.",
            )
        return means
