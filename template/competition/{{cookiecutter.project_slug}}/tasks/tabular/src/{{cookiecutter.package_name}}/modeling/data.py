"""Feeds rows of a table to training: encoded by what the fold's training rows teach."""

import math
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import one_hot
from torch.utils.data import DataLoader, Dataset, Sampler

from ..competition import Contract
from .encode import Encoded, encode
from .rows import FoldData

Inputs = tuple[Tensor, Tensor]
_MANY_CLASSES = 10


class Rows(Dataset[tuple[Inputs, Tensor]]):
    """Encoded rows with their targets, a whole batch at a time."""

    def __init__(self, encoded: Encoded, targets: Tensor) -> None:
        self.numbers = torch.from_numpy(encoded.numbers)
        self.codes = torch.from_numpy(encoded.codes)
        self.targets = targets

    def __len__(self) -> int:
        return len(self.targets)

    def __getitems__(self, keys: list[int] | list[tuple[int, int]]) -> tuple[Inputs, Tensor]:
        """The rows of a batch: torch's loaders call this rather than one row at a time."""
        rows = torch.tensor([key[0] if isinstance(key, tuple) else key for key in keys])
        return (self.numbers[rows], self.codes[rows]), self.targets[rows]


class Data(FoldData):
    """The `data` section of params.yaml.

    Args:
        contract: what the competition asks for.
        column_types: corrections to the kinds of columns that `contract.yaml` shows: `number`,
            `category`, `date`, `text` or `drop`.
        batch_size: rows in an optimizer step's batch, over all devices together; `auto`: a
            sixteenth of the rows, 32 to 1,024.
        kwargs: what every task's data has.
    """

    def __init__(
        self,
        contract: Contract,
        column_types: dict[str, str] | None = None,
        batch_size: int | Literal["auto"] = "auto",
        **kwargs: Any,
    ) -> None:
        super().__init__(contract, **kwargs)
        usual = 2 ** round(math.log2(max(1, len(self.train_rows) / 16)))
        self.batch_size = min(1024, max(32, usual)) if batch_size == "auto" else batch_size
        kinds = {name: str(feature["kind"]) for name, feature in contract.features.items()}
        table = self.table["train"]
        known, valid = (table[rows.tolist()] for rows in (self.train_rows, self.valid_rows))
        (train, held_out, test), self.levels = encode(
            known,
            [valid, self.table["test"]],
            {name: kind for name, kind in kinds.items() if kind != "drop"},
            self.statistics(),
            contract.target_columns,
            self.seed,
        )
        self.known = train
        whole = Encoded(
            np.full((table.height, train.numbers.shape[1]), np.nan, dtype=np.float32),
            np.zeros((table.height, train.codes.shape[1]), dtype=np.int64),
        )
        for rows, encoded in ((self.train_rows, train), (self.valid_rows, held_out)):
            whole.numbers[rows], whole.codes[rows] = encoded.numbers, encoded.codes
        self.encoded = {"train": whole, "test": test}

    def statistics(self) -> NDArray[np.float64]:
        """The training targets as numbers of which a mean tells something, `(rows, t)`."""
        targets = self.train_targets
        if self.contract.problem == "classification":
            classes = len(self.contract.classes)
            if classes > _MANY_CLASSES:
                return np.empty((len(targets), 0))
            targets = one_hot(targets, classes)[:, 1 if classes == 2 else 0 :]
        elif self.contract.metric == "rmsle":
            targets = targets.log1p()
        return targets.double().numpy()

    def _loader(
        self, split: str, sampler: Sampler[Any], batch_size: int, *, train: bool = False
    ) -> DataLoader[tuple[Inputs, Tensor]]:
        encoded = self.encoded[split]
        targets = self.targets if split == "train" else torch.zeros(len(encoded.numbers))
        return DataLoader(
            Rows(encoded, targets),
            batch_size,
            sampler=sampler,
            collate_fn=_as_it_is,
            pin_memory=torch.cuda.is_available(),
            drop_last=train and len(self.train_rows) >= self.batch_size,
        )

    def train_dataloader(self) -> DataLoader[tuple[Inputs, Tensor]]:
        """The fold's training rows, in an order that seed and epoch decide."""
        size = max(1, self.batch_size // self.ranks[1])
        return self._loader("train", self.train_sampler(), size, train=True)

    def val_dataloader(self) -> DataLoader[tuple[Inputs, Tensor]]:
        """The fold's validation rows in order."""
        return self._loader("train", self.valid_sampler(), 4 * self.batch_size)

    def test_dataloader(self) -> DataLoader[tuple[Inputs, Tensor]]:
        """The test rows in order."""
        return self._loader("test", self.test_sampler(), 4 * self.batch_size)


def _as_it_is(batch: Any) -> Any:
    return batch
