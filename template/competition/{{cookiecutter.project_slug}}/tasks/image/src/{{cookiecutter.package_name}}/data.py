"""The datamodule of a fold: images from a memory-mapped array or from files, and their targets."""

from typing import Any

import torch
from compete.contract import Contract
from compete.files import IMAGE, PROCESSED
from compete.processed import read_array
from compete.supervised.datamodule import FoldDataModule
from compete.tasks.image.dataset import ImageDataset
from compete.tasks.image.decode import StoredImages
from torch import Tensor
from torch.utils.data import DataLoader, Sampler
from torchvision.transforms import v2

from .augment import get_preset
from .settings import Settings


class Data(FoldDataModule[Settings]):
    """The images of one fold.

    Args:
        contract: the competition's requirements.
        settings: the section `data` of params.yaml.
        fold: the validation fold; the other folds are for training.
        seed: random seed of the row order and the augmentation.
    """

    def __init__(self, contract: Contract, settings: Settings, fold: int, seed: int) -> None:
        super().__init__(contract, settings, fold, seed)
        self.stored = StoredImages.load()
        asked = settings.image_size
        self.image_size = self.stored.image_size if asked == "auto" else asked
        stored = self.stored
        self.preset = get_preset(settings.augment, stored.channels, stored.native_size)
        self.views = self.preset.views if settings.test_time_augmentation else ()

    def _loader(
        self, split: str, sampler: Sampler[Any], batch_size: int, *, augment: bool = False
    ) -> DataLoader[tuple[Tensor, Tensor]]:
        file, table = PROCESSED / f"{split}.npy", self.table[split]
        changes = self.preset.transforms(self.stored.size) if augment else []
        dataset = ImageDataset(
            read_array(file) if self.stored.cached else None,
            table[IMAGE].to_list(),
            (self.stored.size, self.stored.channels),
            self.targets if split == "train" else torch.zeros(table.height),
            v2.Compose(changes) if changes else None,
            self.seed,
        )
        workers = min(self.workers, 4) if not augment else self.workers
        return DataLoader(
            dataset,
            batch_size,
            sampler=sampler,
            num_workers=workers,
            persistent_workers=workers > 0,  # avoids restarting them for each validation
            pin_memory=torch.cuda.is_available(),
            drop_last=augment and len(self.train_rows) >= self.batch_size,
        )

    def train_dataloader(self) -> DataLoader[tuple[Tensor, Tensor]]:
        """Return the training rows, shuffled by seed and epoch."""
        return self._loader("train", self.train_sampler(), self.rank_batch_size, augment=True)

    def val_dataloader(self) -> DataLoader[tuple[Tensor, Tensor]]:
        """Return the validation rows in order."""
        return self._loader("train", self.val_sampler(), 2 * self.batch_size)

    def test_dataloader(self) -> DataLoader[tuple[Tensor, Tensor]]:
        """Return the test rows in order."""
        return self._loader("test", self.test_sampler(), 2 * self.batch_size)
