"""Feeds pairs of sentences to training: tokens made once, batches of like length."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ..competition import Contract
from .ragged import Ragged
from .rows import FoldData
from .sampling import LengthBatches
from .tokens import OPTIONS, Tokens

Inputs = dict[str, Tensor]
Row = tuple[NDArray[np.int64], NDArray[np.int64]]
IGNORED = -100  # what PyTorch's losses leave out


class Pairs(Dataset[Row]):
    """Rows of tokens with those of their translations, which test rows do not have."""

    def __init__(self, sources: Ragged, targets: Ragged | None) -> None:
        self.sources, self.targets = sources, targets

    def __len__(self) -> int:
        return len(self.sources)

    def __getitem__(self, row: int) -> Row:
        return self.sources[row], self.targets[row] if self.targets else np.zeros(1, np.int64)


class Data(FoldData):
    """The `data` section of params.yaml.

    Args:
        contract: what the competition asks for.
        source_column: the column to translate; `auto` finds it in the files.
        max_length: tokens at which a sentence is cut; `auto` leaves 99 of 100 whole, up to 256.
        prefix: what to say in front of each sentence, such as T5's "translate English to French: ".
        source_language: as a tokenizer of many languages names it, such as en_XX; else null.
        target_language: the same of the language to translate to, such as fr_XX.
        kwargs: what every task's data has.
    """

    def __init__(
        self,
        contract: Contract,
        source_column: str = "auto",
        max_length: int | Literal["auto"] = "auto",
        prefix: str = "",
        source_language: str | None = None,
        target_language: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(contract, **kwargs)
        values = (source_column, max_length, prefix, source_language, target_language)
        self.options = dict(zip(OPTIONS, values, strict=True))

    def read_tokens(self, folder: Path) -> None:
        """Take the tokens that lie in `folder`; the rows to predict go by length from here on."""
        self.tokens = Tokens(folder)
        for split, name in (("train", "valid_rows"), ("test", "test_rows")):
            rows = getattr(self, name)
            order = np.argsort(-self.tokens.sources[split].lengths[rows], kind="stable")
            setattr(self, name, rows[order])

    def _loader(self, split: str, **options: Any) -> DataLoader[Any]:
        targets = self.tokens.targets if split == "train" else None
        return DataLoader(
            Pairs(self.tokens.sources[split], targets),
            collate_fn=self.collate,
            pin_memory=torch.cuda.is_available(),
            **options,
        )

    def collate(self, rows: list[Row]) -> tuple[Inputs, Tensor]:
        """Tokens of some pairs `(rows, tokens)`, padded to the longest; labels with `IGNORED`."""
        ids = _padded([source for source, _ in rows], self.tokens.facts["pad"])
        mask = _padded([np.ones_like(source) for source, _ in rows], 0)
        labels = _padded([target for _, target in rows], IGNORED)
        return {"input_ids": ids, "attention_mask": mask}, labels

    def train_dataloader(self) -> DataLoader[Any]:
        """The fold's training rows in batches of like length, which seed and epoch decide."""
        lengths = self.tokens.sources["train"].lengths + self.tokens.targets.lengths
        batches = LengthBatches(self.train_sampler(), lengths, self.batch_size, *self.ranks)
        kept = self.workers > 0
        return self._loader(
            "train", batch_sampler=batches, num_workers=self.workers, persistent_workers=kept
        )

    def val_dataloader(self) -> DataLoader[Any]:
        """The fold's validation rows, the longest first."""
        return self._loader("train", sampler=self.valid_sampler(), batch_size=self.batch_size)

    def test_dataloader(self) -> DataLoader[Any]:
        """The test rows, the longest first."""
        return self._loader("test", sampler=self.test_sampler(), batch_size=self.batch_size)


def _padded(rows: list[NDArray[np.int64]], fill: int) -> Tensor:
    result = torch.full((len(rows), max(len(row) for row in rows)), fill)
    for place, row in enumerate(rows):
        result[place, : len(row)] = torch.from_numpy(row)
    return result
