"""The order in which rows are drawn: decided by seed and epoch alone, so that a run can resume."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Sampler


class EpochSampler(Sampler[tuple[int, int]]):
    """Training rows in an order that is a function of (seed, epoch); yields (row, epoch).

    Several processes take turns at one global order, so that together they see the batches that
    one process would see. Lightning calls `set_epoch`.

    Args:
        rows: the rows to draw.
        weights: draw with replacement by these weights, one for each row; None: each row once.
    """

    def __init__(
        self, rows: NDArray[np.int64], seed: int, rank: int, ranks: int, weights: Tensor | None
    ) -> None:
        self.rows, self.seed, self.rank, self.ranks = rows, seed, rank, ranks
        self.weights = weights
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of this epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.rows) // self.ranks

    def __iter__(self) -> Iterator[tuple[int, int]]:
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        count = len(self.rows)
        if self.weights is None:
            order = torch.randperm(count, generator=generator)
        else:
            order = torch.multinomial(self.weights, count, replacement=True, generator=generator)
        whole = count // self.ranks * self.ranks
        for index in order[:whole][self.rank :: self.ranks].tolist():
            yield int(self.rows[index]), self.epoch


class ShardSampler(Sampler[int]):
    """Rows in order, shared among processes without repeating any of them."""

    def __init__(self, rows: NDArray[np.int64], rank: int, ranks: int) -> None:
        self.shard = rows[rank::ranks]

    def __len__(self) -> int:
        return len(self.shard)

    def __iter__(self) -> Iterator[int]:
        return iter(self.shard.tolist())
