"""Feeds pictures to training: one memory-mapped array, one table of rows, one fold at a time."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler
from torchvision.transforms import v2

from ..competition import Contract
from ..files import PROCESSED
from .augment import get_preset
from .rows import FoldData
from .store import BadPicture, decode

Key = int | tuple[int, int]


class Pictures(Dataset[tuple[Tensor, Tensor]]):
    """Pictures with their targets; each is changed by `transform` in a way that its key decides.

    Args:
        array: uint8 `(rows, size, size, channels)`, or None to decode `paths` on the fly.
        targets: a tensor with a row for each picture.
        seed: with the key (row, epoch), seeds the transform, in whichever process it runs: so a
            resumed run, or one with another number of workers, sees the very same pictures.
    """

    def __init__(
        self,
        array: np.ndarray[Any, np.dtype[np.uint8]] | None,
        paths: list[str | None],
        shape: tuple[int, int],
        targets: Tensor,
        transform: Any = None,
        seed: int = 0,
    ) -> None:
        self.array, self.paths, self.shape = array, paths, shape
        self.targets, self.transform, self.seed = targets, transform, seed

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, key: Key) -> tuple[Tensor, Tensor]:
        row, epoch = key if isinstance(key, tuple) else (key, 0)
        picture = torch.from_numpy(self._pixels(row)).permute(2, 0, 1)
        if self.transform is not None:
            seed = (self.seed * 1_000_003 + epoch) * 1_000_000_007 + row
            torch.default_generator.manual_seed(seed % 2**63)
            picture = self.transform(picture)
        return picture.expand(3, -1, -1), self.targets[row]

    def _pixels(self, row: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
        if self.array is not None:
            return np.array(self.array[row])
        size, channels = self.shape
        try:
            return decode(Path(self.paths[row] or ""), size, channels)
        except BadPicture:  # `prepare` counted it and the user chose to go on
            return np.zeros((size, size, channels), dtype=np.uint8)


class Data(FoldData):
    """The `data` section of params.yaml.

    Args:
        contract: what the competition asks for.
        image_size: pixels a side that the model sees; `auto` goes by the pictures' own size.
        augment: a preset: `auto`, `none`, `light`, `photo`, `strong` or `aerial`.
        test_time_augmentation: average over the preset's views in prediction.
        cache_gb: keep the decoded pictures if they take up to this many GB; else decode each time.
        kwargs: what every task's data has.
    """

    def __init__(
        self,
        contract: Contract,
        image_size: int | Literal["auto"] = "auto",
        augment: str = "auto",
        test_time_augmentation: bool = True,
        cache_gb: float = 8.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(contract, **kwargs)
        self.stored_size, self.channels = self.prepared["size"], self.prepared["channels"]
        self.image_size = self.prepared["image_size"] if image_size == "auto" else int(image_size)
        self.preset = get_preset(augment, self.channels)
        self.views = self.preset.views if test_time_augmentation else ()

    def _loader(
        self, split: str, sampler: Sampler[Any], batch_size: int, *, augment: bool = False
    ) -> DataLoader[tuple[Tensor, Tensor]]:
        file = PROCESSED / f"{split}.npy"
        table = self.table[split]
        changes = self.preset.transforms(self.stored_size) if augment else []
        transform = v2.Compose(changes) if changes else None
        dataset = Pictures(
            np.load(file, mmap_mode="r") if file.exists() else None,
            table["path"].to_list(),
            (self.stored_size, self.channels),
            self.targets if split == "train" else torch.zeros(table.height),
            transform,
            self.seed,
        )
        workers = min(self.workers, 4) if not augment else self.workers
        return DataLoader(
            dataset,
            batch_size,
            sampler=sampler,
            num_workers=workers,
            persistent_workers=augment and workers > 0,
            pin_memory=torch.cuda.is_available(),
            drop_last=augment and len(self.train_rows) >= self.batch_size,
        )

    def train_dataloader(self) -> DataLoader[tuple[Tensor, Tensor]]:
        """The fold's training rows, in an order that seed and epoch decide."""
        size = max(1, self.batch_size // self.ranks[1])
        return self._loader("train", self.train_sampler(), size, augment=True)

    def val_dataloader(self) -> DataLoader[tuple[Tensor, Tensor]]:
        """The fold's validation rows in order."""
        return self._loader("train", self.valid_sampler(), 2 * self.batch_size)

    def test_dataloader(self) -> DataLoader[tuple[Tensor, Tensor]]:
        """The test rows in order."""
        return self._loader("test", self.test_sampler(), 2 * self.batch_size)
