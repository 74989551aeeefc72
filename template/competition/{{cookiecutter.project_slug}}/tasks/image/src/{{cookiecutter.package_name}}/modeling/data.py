"""Feeds pictures to training: one memory-mapped array, one table of rows, one fold at a time."""

import json
import os
from pathlib import Path
from typing import Any, Literal

import lightning
import numpy as np
import polars as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler
from torchvision.transforms import v2

from ..competition import Contract
from ..errors import Fault
from ..files import PROCESSED
from .augment import get_preset
from .sampling import EpochSampler, ShardSampler
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


class Data(lightning.LightningDataModule):
    """The `data` section of params.yaml.

    Args:
        contract: what the competition asks for.
        fold: the fold that validates; the others train.
        folds: number of folds.
        fold_kind: `auto`, `stratified`, `grouped`, `time` or `plain`.
        group_column: rows with the same value in this column never cross a fold.
        time_column: folds in the order of this column: the past trains, the future validates.
        batch_size: pictures in an optimizer step's batch, over all devices together.
        image_size: pixels a side that the model sees; `auto` goes by the pictures' own size.
        augment: a preset: `auto`, `none`, `light`, `photo`, `strong` or `aerial`.
        balanced_sampling: draw every class equally often.
        test_time_augmentation: average over the preset's views in prediction.
        on_bad_row: `refuse` rows without label or readable picture, or `skip` and count them.
        cache_gb: keep the decoded pictures if they take up to this many GB; else decode each time.
        num_workers: processes that load pictures; `auto` goes by the machine.
        seed: of the order of rows and of the augmentation.
    """

    def __init__(
        self,
        contract: Contract,
        fold: int = 0,
        folds: int = 5,
        fold_kind: str = "auto",
        group_column: str | None = None,
        time_column: str | None = None,
        batch_size: int = 32,
        image_size: int | Literal["auto"] = "auto",
        augment: str = "auto",
        balanced_sampling: bool = False,
        test_time_augmentation: bool = True,
        on_bad_row: str = "refuse",
        cache_gb: float = 8.0,
        num_workers: int | Literal["auto"] = "auto",
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.contract, self.fold, self.seed, self.batch_size = contract, fold, seed, batch_size
        self.balanced_sampling = balanced_sampling
        prepared = json.loads((PROCESSED / "prepared.json").read_text(encoding="utf-8"))
        self.stored_size, self.channels = prepared["size"], prepared["channels"]
        self.image_size = prepared["image_size"] if image_size == "auto" else int(image_size)
        self.preset = get_preset(augment, self.channels)
        self.views = self.preset.views if test_time_augmentation else ()
        self.workers = _workers(num_workers)
        self.table = {
            split: pl.read_parquet(PROCESSED / f"{split}.parquet") for split in ("train", "test")
        }
        self.targets = _targets(self.table["train"], contract)
        in_fold = self.table["train"]["fold"].to_numpy()
        self.valid_rows = np.flatnonzero(in_fold == fold)
        # Time-ordered folds: -1 is the oldest block, which only trains; the future never does.
        past = in_fold < fold if prepared["fold_kind"] == "time" else in_fold != fold
        self.train_rows = np.flatnonzero(past)
        if not len(self.valid_rows) or not len(self.train_rows):
            raise Fault(f"Fold {fold} is empty.", "Run `compete prepare`, or train another fold.")

    @property
    def train_targets(self) -> Tensor:
        """The targets that this fold trains on."""
        return self.targets[torch.from_numpy(self.train_rows)]

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

    @property
    def _ranks(self) -> tuple[int, int]:
        return (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)

    def train_dataloader(self) -> DataLoader[tuple[Tensor, Tensor]]:
        """The fold's training rows, in an order that seed and epoch decide."""
        rank, ranks = self._ranks
        weights = None
        if self.balanced_sampling:
            if self.contract.problem != "classification":
                raise Fault("balanced_sampling needs classes.", "Set it to false in params.yaml.")
            counts = torch.bincount(self.train_targets, minlength=len(self.contract.classes))
            weights = 1.0 / counts[self.train_targets]
        sampler = EpochSampler(self.train_rows, self.seed, rank, ranks, weights)
        return self._loader("train", sampler, max(1, self.batch_size // ranks), augment=True)

    def val_dataloader(self) -> DataLoader[tuple[Tensor, Tensor]]:
        """The fold's validation rows in order; several processes share them without padding."""
        return self._loader(
            "train", ShardSampler(self.valid_rows, *self._ranks), 2 * self.batch_size
        )

    def test_dataloader(self) -> DataLoader[tuple[Tensor, Tensor]]:
        """The test rows in order."""
        rows = np.arange(self.table["test"].height)
        return self._loader("test", ShardSampler(rows, *self._ranks), 2 * self.batch_size)


def _workers(asked: int | Literal["auto"]) -> int:
    """Processes for loading; where the CPU trains, loading in line is the fastest."""
    if asked != "auto":
        return int(asked)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(8, max(1, (cores or 1) - 1)) if torch.cuda.is_available() else 0


def _targets(table: pl.DataFrame, contract: Contract) -> Tensor:
    """Class indices `(n,)`, zeros and ones `(n, labels)`, or values `(n, targets)`."""
    columns = contract.target_columns
    if contract.problem == "classification":
        order = {value: index for index, value in enumerate(contract.classes)}
        return torch.tensor([order[value] for value in table[columns[0]]])
    if contract.problem == "multilabel" and columns != contract.classes:
        tags = [set(str(value).split()) for value in table[columns[0]]]
        return torch.tensor([[float(name in row) for name in contract.classes] for row in tags])
    return torch.from_numpy(table.select(columns).to_numpy().astype(np.float32))
