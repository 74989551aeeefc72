"""Encoded rows of a table with their targets, as a torch dataset."""

from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from compete.tasks.tabular.encode import Encoded

Inputs = tuple[Tensor, Tensor]


class TableDataset(Dataset[tuple[Any, ...]]):
    """Encoded rows with their targets, a whole batch at a time.

    Args:
        encoded: the rows.
        targets: as `Problem.targets` makes them.
        more: other tensors with a row for each row, which batches then have after the targets.
    """

    def __init__(self, encoded: Encoded, targets: Tensor, *more: Tensor) -> None:
        self.numbers = torch.from_numpy(encoded.numbers)
        self.codes = torch.from_numpy(encoded.codes)
        self.targets, self.more = targets, more

    def __len__(self) -> int:
        return len(self.targets)

    def __getitems__(self, keys: list[int] | list[tuple[int, int]]) -> tuple[Any, ...]:
        """Return the rows of a batch: torch's loaders call this rather than one row at a time."""
        rows = torch.tensor([key[0] if isinstance(key, tuple) else key for key in keys])
        inputs = self.numbers[rows], self.codes[rows]
        return inputs, self.targets[rows], *(tensor[rows] for tensor in self.more)
