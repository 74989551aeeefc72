"""Images with their targets, as a torch dataset."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from compete.processed import read_array
from compete.tasks.image.decode import Pixels, UnreadableImage, decode
from compete.training.seeds import seed_cpu

Key = int | tuple[int, int]


class ImageDataset(Dataset[tuple[Tensor, Tensor]]):
    """Images with their targets; each is changed by `transform` in a way that its key decides.

    Args:
        array: uint8 `(rows, size, size, channels)`, or None to decode `paths` on the fly.
        shape: size and channels of a decoded image.
        targets: a tensor with a row for each image.
        transform: of one uint8 image `(channels, size, size)`.
        seed: with the key (row, epoch), seeds the transform's draws from torch, NumPy or Python,
            in whichever process it runs: so a resumed run, or one with another number of workers,
            sees the very same images.
    """

    def __init__(
        self,
        array: Pixels | None,
        paths: list[str | None],
        shape: tuple[int, int],
        targets: Tensor,
        transform: Any = None,
        seed: int = 0,
    ) -> None:
        self.array, self.paths, self.shape = array, paths, shape
        self.targets, self.transform, self.seed = targets, transform, seed

    def __getstate__(self) -> dict[str, Any]:
        """Leave out a mapped array: a process that is spawned maps its file again."""
        mapped = self.array.filename if isinstance(self.array, np.memmap) else None
        return self.__dict__ | ({"array": Path(str(mapped))} if mapped else {})

    def __setstate__(self, state: dict[str, Any]) -> None:
        if isinstance(state["array"], Path):
            state["array"] = read_array(state["array"])
        self.__dict__.update(state)

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, key: Key) -> tuple[Tensor, Tensor]:
        row, epoch = key if isinstance(key, tuple) else (key, 0)
        image = torch.from_numpy(self._pixels(row)).permute(2, 0, 1)
        if self.transform is not None:
            seed_cpu((self.seed * 1_000_003 + epoch) * 1_000_000_007 + row)
            image = self.transform(image)
        return image.expand(3, -1, -1), self.targets[row]

    def _pixels(self, row: int) -> Pixels:
        if self.array is not None:
            return np.array(self.array[row])
        size, channels = self.shape
        try:
            # A copy: PIL's own memory is not writable, which torch warns of.
            return np.array(decode(Path(self.paths[row] or ""), size, channels))
        except UnreadableImage:  # `prepare` counted it and the user chose to go on
            return np.zeros((size, size, channels), dtype=np.uint8)
