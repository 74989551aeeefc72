"""Feeds texts to training: tokens made once, batches of like length, padded to their longest."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ..competition import Contract
from .rows import FoldData
from .sampling import LengthBatches
from .tokens import OPTIONS, Tokens

Inputs = dict[str, Tensor]


class Texts(Dataset[tuple[Any, Tensor]]):
    """Rows of tokens with their targets."""

    def __init__(self, tokens: Tokens, targets: Tensor) -> None:
        self.tokens, self.targets = tokens, targets

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, row: int) -> tuple[Any, Tensor]:
        return self.tokens.row(row), self.targets[row]


class Data(FoldData):
    """The `data` section of params.yaml.

    Args:
        contract: what the competition asks for.
        text_columns: the columns of text; `auto` finds them in the files.
        side_columns: columns whose values go in front of the text, such as a keyword.
        max_length: tokens at which a row is cut; `auto` leaves 99 of 100 whole, up to 512.
        clean: resolve HTML's entities, shorten links, drop control characters and runs of spaces.
        kwargs: what every task's data has.
    """

    def __init__(
        self,
        contract: Contract,
        text_columns: list[str] | Literal["auto"] = "auto",
        side_columns: list[str] | Literal["auto"] = "auto",
        max_length: int | Literal["auto"] = "auto",
        clean: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(contract, **kwargs)
        values = (max_length, clean, text_columns, side_columns)
        self.options = dict(zip(OPTIONS, values, strict=True))

    def read_tokens(self, folder: Path) -> None:
        """Take the tokens that lie in `folder`; the rows to predict go by length from here on."""
        self.tokens = {split: Tokens(folder, split) for split in ("train", "test")}
        for split, name in (("train", "valid_rows"), ("test", "test_rows")):
            rows = getattr(self, name)
            order = np.argsort(-self.tokens[split].ids.lengths[rows], kind="stable")
            setattr(self, name, rows[order])

    def _loader(self, split: str, **options: Any) -> DataLoader[tuple[Inputs, Tensor]]:
        rows = self.table[split].height
        targets = self.targets if split == "train" else torch.zeros(rows)
        return DataLoader(
            Texts(self.tokens[split], targets),
            collate_fn=self.collate,
            pin_memory=torch.cuda.is_available(),
            **options,
        )

    def collate(self, rows: list[tuple[Any, Tensor]]) -> tuple[Inputs, Tensor]:
        """Tokens of some rows, padded to the longest of them: tensors `(rows, tokens)`."""
        longest = max(len(ids) for (ids, _), _ in rows)
        if torch.cuda.is_available():  # tensor cores work in eights
            longest = -(-longest // 8) * 8
        shape = (len(rows), longest)
        inputs = {
            "input_ids": torch.full(shape, self.tokens["train"].pad),
            "attention_mask": torch.zeros(shape, dtype=torch.long),
        }
        if rows[0][0][1] is not None:
            inputs["token_type_ids"] = torch.zeros(shape, dtype=torch.long)
        for place, ((ids, types), _) in enumerate(rows):
            inputs["input_ids"][place, : len(ids)] = torch.from_numpy(ids)
            inputs["attention_mask"][place, : len(ids)] = 1
            if types is not None:
                inputs["token_type_ids"][place, : len(ids)] = torch.from_numpy(types)
        return inputs, torch.stack([target for _, target in rows])

    def train_dataloader(self) -> DataLoader[tuple[Inputs, Tensor]]:
        """The fold's training rows in batches of like length, which seed and epoch decide."""
        lengths = self.tokens["train"].ids.lengths
        batches = LengthBatches(self.train_sampler(), lengths, self.batch_size, *self.ranks)
        kept = self.workers > 0
        return self._loader(
            "train", batch_sampler=batches, num_workers=self.workers, persistent_workers=kept
        )

    def val_dataloader(self) -> DataLoader[tuple[Inputs, Tensor]]:
        """The fold's validation rows, the longest first."""
        size = 2 * self.batch_size
        return self._loader("train", sampler=self.valid_sampler(), batch_size=size)

    def test_dataloader(self) -> DataLoader[tuple[Inputs, Tensor]]:
        """The test rows, the longest first."""
        size = 2 * self.batch_size
        return self._loader("test", sampler=self.test_sampler(), batch_size=size)
