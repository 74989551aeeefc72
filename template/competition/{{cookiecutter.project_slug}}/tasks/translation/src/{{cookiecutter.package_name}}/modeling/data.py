"""Feeds pairs of sentences to training: tokens made once, batches of like length."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ..competition import Contract
from .memory import recall
from .rows import FoldData
from .sampling import LengthBatches
from .tokens import OPTIONS, Tokens

Inputs = dict[str, Tensor]
Row = tuple[NDArray[np.int64], NDArray[np.int64]]
IGNORED = -100  # what PyTorch's losses leave out


class Pairs(Dataset[Row]):
    """Rows of tokens with those of their translations.

    Args:
        tokens: of all sentences.
        split: `train`, or `test`, whose rows have no translation.
        recalled: for each row the training row whose translation follows the source, -1 for none.
    """

    def __init__(self, tokens: Tokens, split: str, recalled: NDArray[np.int64]) -> None:
        self.sources, self.known, self.recalled = tokens.sources[split], tokens.targets, recalled
        self.targets = tokens.targets if split == "train" else None

    def __len__(self) -> int:
        return len(self.sources)

    def __getitem__(self, row: int) -> Row:
        source, similar = self.sources[row], self.recalled[row]
        if similar >= 0:
            source = np.concatenate([source, self.known[similar]])
        return source, self.targets[row] if self.targets else np.zeros(1, np.int64)


class Data(FoldData):
    """The `data` section of params.yaml.

    Args:
        contract: what the competition asks for.
        source_column: the column to translate; `auto` finds it in the files.
        max_length: tokens at which a sentence is cut; `auto` leaves 99 of 100 whole, up to 256.
        prefix: what to say in front of each sentence, such as T5's "translate English to French: ".
        source_language: as a tokenizer of many languages names it, such as en_XX; else null.
        target_language: the same of the language to translate to, such as fr_XX.
        translation_memory: show the translator how the most similar training sentence was
            translated; `auto`: from scratch, with at most 50,000 pairs.
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
        translation_memory: bool | Literal["auto"] = "auto",
        **kwargs: Any,
    ) -> None:
        super().__init__(contract, **kwargs)
        values = (source_column, max_length, prefix, source_language, target_language)
        self.options = dict(zip(OPTIONS, (*values, translation_memory), strict=True))

    def read_tokens(self, folder: Path) -> None:
        """Take the tokens that lie in `folder`; the rows to predict go by length from here on."""
        self.tokens = Tokens(folder)
        known = np.zeros(len(self.tokens.targets), dtype=bool)
        known[self.train_rows] = True  # what a fold is judged by, it must not recall
        self.recalled = {
            "train": recall(folder, "train", len(known), known),
            "test": recall(folder, "test", len(self.tokens.sources["test"])),
        }
        for split, name in (("train", "valid_rows"), ("test", "test_rows")):
            rows = getattr(self, name)
            setattr(self, name, rows[np.argsort(-self._lengths(split)[rows], kind="stable")])

    def _lengths(self, split: str) -> NDArray[np.int64]:
        """The tokens of each row's source, with what is recalled beside it."""
        recalled = self.recalled[split]
        beside = np.where(recalled >= 0, self.tokens.targets.lengths[recalled], 0)
        return self.tokens.sources[split].lengths + beside

    def _loader(self, split: str, **options: Any) -> DataLoader[Any]:
        return DataLoader(
            Pairs(self.tokens, split, self.recalled[split]),
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
        lengths = self._lengths("train") + self.tokens.targets.lengths
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
