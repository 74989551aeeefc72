"""The datamodule of a fold: cached tokens, in padded batches of similar length."""

from functools import partial
from pathlib import Path
from typing import Any

import torch
from compete.contract import Contract
from compete.tasks.language.datamodule import TokenDataModule
from compete.tasks.text.texts import Texts
from compete.tasks.text.tfidf import Row
from compete.tasks.text.tokens import Tokens, load_rows
from compete.training.sampling import LengthBatches
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from transformers import DataCollatorWithPadding

from .settings import Settings

Inputs = dict[str, Tensor] | list[Row]  # tokens; for TF-IDF the texts themselves
Sample = tuple[Any, Tensor]


class TextDataset(Dataset[Sample]):
    """Rows of tokens, or of texts, with their targets."""

    def __init__(self, tokens: Tokens | Texts, targets: Tensor) -> None:
        self.tokens, self.targets = tokens, targets

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, row: int) -> Sample:
        return self.tokens.row(row), self.targets[row]


def pad_batch(pad: DataCollatorWithPadding, samples: list[Sample]) -> tuple[Inputs, Tensor]:
    """Pad a batch to its longest row: tensors `(rows, tokens)`."""
    rows, targets = [row for row, _ in samples], [target for _, target in samples]
    return dict(pad(rows)) if pad.tokenizer else rows, torch.stack(targets)


class Data(TokenDataModule[Settings]):
    """The texts of one fold. Validation and test rows are sorted by length, the longest first.

    Args:
        contract: the competition's requirements.
        settings: the section `data` of params.yaml.
        fold: the validation fold; the other folds are for training.
        seed: random seed of the row order.
        tokens_folder: the folder where `prepare` saved the tokens and the tokenizer.
    """

    def __init__(
        self, contract: Contract, settings: Settings, fold: int, seed: int, tokens_folder: Path
    ) -> None:
        super().__init__(contract, settings, fold, seed, tokens_folder)
        self.tokens = {split: load_rows(tokens_folder, split) for split in ("train", "test")}
        self.sort_by_length({split: one.lengths for split, one in self.tokens.items()})
        eights = 8 if torch.cuda.is_available() else None  # for tensor cores
        pad = DataCollatorWithPadding(self.tokenizer, pad_to_multiple_of=eights)
        self.collate = partial(pad_batch, pad)  # no method: workers would get all of this object

    def _loader(self, split: str, **options: Any) -> DataLoader[Any]:
        targets = self.targets if split == "train" else torch.zeros(self.table[split].height)
        return DataLoader(
            TextDataset(self.tokens[split], targets),
            collate_fn=self.collate,
            pin_memory=torch.cuda.is_available(),
            **options,
        )

    def train_dataloader(self) -> DataLoader[Any]:
        """Return the training rows in batches of similar length, shuffled by seed and epoch."""
        lengths = self.tokens["train"].lengths
        batches = LengthBatches(self.train_sampler(), lengths, self.batch_size)
        kept = self.workers > 0
        return self._loader(
            "train", batch_sampler=batches, num_workers=self.workers, persistent_workers=kept
        )

    def val_dataloader(self) -> DataLoader[Any]:
        """Return the validation rows, the longest first."""
        size = 2 * self.batch_size
        return self._loader("train", sampler=self.val_sampler(), batch_size=size)

    def test_dataloader(self) -> DataLoader[Any]:
        """Return the test rows, the longest first."""
        size = 2 * self.batch_size
        return self._loader("test", sampler=self.test_sampler(), batch_size=size)
