"""The datamodule of a fold: rows of a table, encoded with statistics of the training rows."""

import math
from typing import Any

import numpy as np
import polars as pl
import torch
from compete.contract import Contract
from compete.supervised.datamodule import FoldDataModule
from compete.tasks.tabular.dataset import Inputs, TableDataset
from compete.tasks.tabular.encode import Encoded, encode
from compete.tasks.tabular.parts import PARTS, parts_alike
from torch import Tensor
from torch.utils.data import DataLoader, Sampler

from .features import fold_features
from .settings import Settings


class Data(FoldDataModule[Settings]):
    """The rows of one fold, as numbers and category codes.

    Args:
        contract: the competition's requirements.
        settings: the section `data` of params.yaml.
        fold: the validation fold; the other folds are for training.
        seed: random seed of the row order and of cross-fitting.
    """

    def __init__(self, contract: Contract, settings: Settings, fold: int, seed: int) -> None:
        super().__init__(contract, settings, fold, seed)
        features = contract.features.items()
        self.kinds = {name: one.kind for name, one in features if one.kind != "drop"}
        table = self.table["train"]
        (known, held_out, test), self.levels = self.encode(
            [table[self.val_rows.tolist()], self.table["test"]]
        )
        self.known = known
        whole = Encoded(
            np.full((table.height, known.numbers.shape[1]), np.nan, dtype=np.float32),
            np.zeros((table.height, known.codes.shape[1]), dtype=np.int64),
        )
        for rows, encoded in ((self.train_rows, known), (self.val_rows, held_out)):
            whole.numbers[rows], whole.codes[rows] = encoded.numbers, encoded.codes
        self.encoded = {"train": whole, "test": test}
        values = self.train_targets.double().reshape(len(self.train_rows), -1).mean(dim=1)
        self.train_parts = parts_alike(values.numpy(), self.train_groups, PARTS, seed)

    def encode(self, tables: list[pl.DataFrame]) -> tuple[list[Encoded], list[int]]:
        """Encode the training rows, and other tables with the statistics of the training rows.

        Returns:
            The encoded training rows, then each of `tables`; and the number of codes of each
            categorical column.
        """
        return encode(
            self.table["train"][self.train_rows.tolist()],
            tables,
            self.kinds,
            self.problem.statistics(self.train_targets),
            self.contract.target_columns,
            fold_features,
            self.seed,
        )

    def auto_batch_size(self) -> int:
        """Return about 1/16 of the training rows, as a power of two from 32 to 1,024."""
        usual = int(2 ** round(math.log2(max(1, len(self.train_rows) / 16))))
        return min(1024, max(32, usual))

    def _loader(
        self, split: str, sampler: Sampler[Any], batch_size: int, *, train: bool = False
    ) -> DataLoader[tuple[Any, ...]]:
        encoded = self.encoded[split]
        targets = self.targets if split == "train" else torch.zeros(len(encoded.numbers))
        more = []
        if train:
            more = [torch.zeros(len(targets), dtype=torch.long)]
            more[0][self.train_rows] = torch.from_numpy(self.train_parts)
        return DataLoader(
            TableDataset(encoded, targets, *more),
            batch_size,
            sampler=sampler,
            collate_fn=_as_it_is,
            pin_memory=torch.cuda.is_available(),
            drop_last=train and len(self.train_rows) >= self.batch_size,
        )

    def train_dataloader(self) -> DataLoader[tuple[Inputs, Tensor, Tensor]]:
        """Return the training rows and their parts, shuffled by seed and epoch."""
        return self._loader("train", self.train_sampler(), self.rank_batch_size, train=True)

    def val_dataloader(self) -> DataLoader[tuple[Inputs, Tensor]]:
        """Return the validation rows in order."""
        return self._loader("train", self.val_sampler(), 4 * self.batch_size)

    def test_dataloader(self) -> DataLoader[tuple[Inputs, Tensor]]:
        """Return the test rows in order."""
        return self._loader("test", self.test_sampler(), 4 * self.batch_size)


def _as_it_is(batch: Any) -> Any:
    return batch  # TableDataset makes whole batches
