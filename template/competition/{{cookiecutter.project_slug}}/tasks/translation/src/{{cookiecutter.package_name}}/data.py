"""The datamodule of a fold: cached tokens of sentence pairs, in batches of similar length."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from compete.contract import Contract
from compete.tasks.language.datamodule import TokenDataModule
from compete.tasks.translation.tokens import Tokens
from compete.tasks.translation.translation_memory import recall
from compete.training.sampling import LengthBatches
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from transformers import DataCollatorForSeq2Seq

from .settings import Settings

Inputs = dict[str, Tensor]
Sample = dict[str, Any]


class PairDataset(Dataset[Sample]):
    """Tokenized sentences with their translations.

    Args:
        tokens: the tokens of all sentences.
        split: `train`, or `test`, which has no translations.
        recalled: for each row, the training row whose translation is appended to the source, or -1.
    """

    def __init__(self, tokens: Tokens, split: str, recalled: NDArray[np.int64]) -> None:
        self.sources, self.known, self.recalled = tokens.sources[split], tokens.targets, recalled
        self.targets = tokens.targets if split == "train" else None

    def __len__(self) -> int:
        return len(self.sources)

    def __getitem__(self, row: int) -> Sample:
        source, similar = self.sources[row], self.recalled[row]
        if similar >= 0:
            source = np.concatenate([source, self.known[similar]])
        labels = self.targets[row].tolist() if self.targets else [0]  # the collator takes lists
        return {"input_ids": source, "labels": labels}


def pad_batch(pad: DataCollatorForSeq2Seq, samples: list[Sample]) -> tuple[Inputs, Tensor]:
    """Pad a batch to its longest row `(rows, tokens)`; the loss ignores padded labels."""
    inputs: Inputs = dict(pad(samples))
    labels = inputs.pop("labels")
    return inputs, labels


class Data(TokenDataModule[Settings]):
    """The pairs of one fold. Validation and test rows are sorted by length, the longest first.

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
        self.tokens = Tokens(tokens_folder)
        known = np.zeros(len(self.tokens.targets), dtype=bool)
        known[self.train_rows] = True  # validation rows must not be recalled
        self.recalled = {
            "train": recall(tokens_folder, "train", len(known), known),
            "test": recall(tokens_folder, "test", len(self.tokens.sources["test"])),
        }
        self.sort_by_length({split: self._lengths(split) for split in ("train", "test")})
        pad = DataCollatorForSeq2Seq(self.tokenizer)
        self.collate = partial(pad_batch, pad)  # no method: workers would get all of this object

    def _lengths(self, split: str) -> NDArray[np.int64]:
        """Return the number of input tokens of each row, including the recalled translation."""
        recalled = self.recalled[split]
        beside = np.where(recalled >= 0, self.tokens.targets.lengths[recalled], 0)
        return self.tokens.sources[split].lengths + beside

    def _loader(self, split: str, **options: Any) -> DataLoader[Any]:
        return DataLoader(
            PairDataset(self.tokens, split, self.recalled[split]),
            collate_fn=self.collate,
            pin_memory=torch.cuda.is_available(),
            **options,
        )

    def train_dataloader(self) -> DataLoader[Any]:
        """Return the training rows in batches of similar length, shuffled by seed and epoch."""
        lengths = self._lengths("train") + self.tokens.targets.lengths
        batches = LengthBatches(self.train_sampler(), lengths, self.batch_size)
        kept = self.workers > 0
        return self._loader(
            "train", batch_sampler=batches, num_workers=self.workers, persistent_workers=kept
        )

    def val_dataloader(self) -> DataLoader[Any]:
        """Return the validation rows, the longest first."""
        return self._loader("train", sampler=self.val_sampler(), batch_size=self.batch_size)

    def test_dataloader(self) -> DataLoader[Any]:
        """Return the test rows, the longest first."""
        return self._loader("test", sampler=self.test_sampler(), batch_size=self.batch_size)
