"""Samplers whose order depends only on seed and epoch, so that a run can resume."""

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
        first_epoch: the epoch at which a resumed run goes on.
    """

    def __init__(
        self,
        rows: NDArray[np.int64],
        seed: int,
        rank: int,
        ranks: int,
        weights: Tensor | None,
        first_epoch: int = 0,
    ) -> None:
        self.rows, self.seed, self.rank, self.ranks = rows, seed, rank, ranks
        self.weights = weights
        self.epoch = self.first_epoch = first_epoch

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of this epoch, or of `first_epoch` if that comes later.

        When a run resumes, workers begin to load the first batches before Lightning has restored
        its own count of epochs, which then says 0 (Lightning-AI/pytorch-lightning#21938).
        """
        self.epoch = max(epoch, self.first_epoch)

    def __len__(self) -> int:
        return len(self.rows) // self.ranks

    def draw(self) -> NDArray[np.int64]:
        """Return this epoch's rows in order, those of all processes together."""
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        count = len(self.rows)
        if self.weights is None:
            order = torch.randperm(count, generator=generator)
        else:
            order = torch.multinomial(self.weights, count, replacement=True, generator=generator)
        drawn: NDArray[np.int64] = self.rows[order.numpy()]
        return drawn

    def __iter__(self) -> Iterator[tuple[int, int]]:
        epoch = self.epoch
        whole = len(self) * self.ranks
        for row in self.draw()[:whole][self.rank :: self.ranks].tolist():
            yield row, epoch


class LengthBatches(Sampler[list[int]]):
    """Training batches of rows of similar length, to reduce padding.

    The sampler's order is cut into pools of batches; in each, rows are sorted by length and cut
    into batches, which come in a random order that is a function of (seed, epoch) too. Lightning
    sets the epoch on `sampler`. What fills no batch at the epoch's end is left out.

    Args:
        sampler: draws the rows, and says which of the processes this is.
        lengths: of each row of the table, in tokens.
        batch_size: rows in a batch, over all processes together; each takes every ranks-th of it.
        pool: batches that are sorted together: the more, the less padding and the less chance.
    """

    def __init__(
        self,
        sampler: EpochSampler,
        lengths: NDArray[np.int64],
        batch_size: int,
        pool: int = 50,
    ) -> None:
        self.sampler, self.lengths, self.pool = sampler, lengths, pool
        self.size = min(batch_size, len(sampler.rows))

    def __len__(self) -> int:
        return len(self.sampler.rows) // self.size

    def __iter__(self) -> Iterator[list[int]]:
        rank, ranks = self.sampler.rank, self.sampler.ranks
        rows = self.sampler.draw()[: len(self) * self.size]
        batches: list[NDArray[np.int64]] = []
        for pool in np.array_split(rows, range(0, len(rows), self.pool * self.size)[1:]):
            by_length = pool[np.argsort(self.lengths[pool], kind="stable")]
            batches += np.split(by_length, len(pool) // self.size)
        chance = np.random.default_rng((self.sampler.seed, self.sampler.epoch))
        for index in chance.permutation(len(batches)):
            yield batches[index][rank::ranks].tolist()


class ShardSampler(Sampler[int]):
    """Rows in order, shared among processes without repeating any of them."""

    def __init__(self, rows: NDArray[np.int64], rank: int, ranks: int) -> None:
        self.shard = rows[rank::ranks]

    def __len__(self) -> int:
        return len(self.shard)

    def __iter__(self) -> Iterator[int]:
        return iter(self.shard.tolist())
