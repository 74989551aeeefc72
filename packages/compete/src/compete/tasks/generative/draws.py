"""Random numbers that seed, batch and place in the batch decide, whatever was drawn before."""

import torch
from torch import Tensor


class Draws:
    """Draws for the images of one batch.

    Numbers are drawn for the whole batch, and each of several processes takes every `ranks`-th row,
    as it does of the data: together they draw what one would. A resumed training draws in batch k
    what the training without a stop drew in it.

    Args:
        seed: of the run.
        batch: the number of the batch.
        device: on which numbers are drawn; a GPU draws others than a CPU.
        rank: of this process.
        ranks: how many processes train together.
    """

    def __init__(
        self, seed: int, batch: int, device: torch.device | str, rank: int = 0, ranks: int = 1
    ) -> None:
        self.generator = torch.Generator(device)
        self.generator.manual_seed((seed * 1_000_003 + batch) * 65_537 % 2**63)
        self.rank, self.ranks = rank, ranks

    def normal(self, count: int, *shape: int) -> Tensor:
        """Return `(count / ranks, *shape)` of a standard normal distribution.

        Args:
            count: rows over all processes together.
            shape: of a row.
        """
        device = self.generator.device
        whole = torch.randn(count, *shape, generator=self.generator, device=device)
        return whole[self.rank :: self.ranks]

    def uniform(self, count: int, *shape: int) -> Tensor:
        """Return `(count / ranks, *shape)` between 0 and 1, as `normal` does."""
        device = self.generator.device
        whole = torch.rand(count, *shape, generator=self.generator, device=device)
        return whole[self.rank :: self.ranks]
