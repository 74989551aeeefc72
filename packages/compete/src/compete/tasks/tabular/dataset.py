"""Encoded rows of a table with their targets, as a torch dataset."""

import torch
from torch import Tensor
from torch.utils.data import Dataset

from compete.tasks.tabular.encode import Encoded

Inputs = tuple[Tensor, Tensor]


class TableDataset(Dataset[tuple[Inputs, Tensor]]):
    """Encoded rows with their targets, a whole batch at a time."""

    def __init__(self, encoded: Encoded, targets: Tensor) -> None:
        self.numbers = torch.from_numpy(encoded.numbers)
        self.codes = torch.from_numpy(encoded.codes)
        self.targets = targets

    def __len__(self) -> int:
        return len(self.targets)

    def __getitems__(self, keys: list[int] | list[tuple[int, int]]) -> tuple[Inputs, Tensor]:
        """Return the rows of a batch: torch's loaders call this rather than one row at a time."""
        rows = torch.tensor([key[0] if isinstance(key, tuple) else key for key in keys])
        return (self.numbers[rows], self.codes[rows]), self.targets[rows]
