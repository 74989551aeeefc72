"""The rows of one fold, whatever they hold: which train, which validate, and what they aim at."""

import json
from typing import Any, Literal

import lightning
import numpy as np
import polars as pl
import torch
from torch import Tensor

from ..competition import Contract
from ..errors import Fault
from ..files import PROCESSED
from .lanes import cores
from .sampling import EpochSampler, ShardSampler


class FoldData(lightning.LightningDataModule):
    """What `prepare` kept, as one fold sees it. Each task's `Data` adds how its rows are loaded.

    Args:
        contract: what the competition asks for.
        fold: the fold that validates; the others train.
        seed: of the order of rows and of the augmentation.
        folds: number of folds.
        trained_folds: how many of them are trained, the last ones; 1 is a hold-out.
        fold_kind: `auto`, `stratified`, `grouped`, `time` or `plain`.
        group_column: rows with the same value in this column never cross a fold.
        time_column: folds in the order of this column: the past trains, the future validates.
        batch_size: rows in an optimizer step's batch, over all devices together.
        balanced_sampling: draw every class equally often.
        on_bad_row: `refuse` rows without label or with broken contents, or `skip` and count them.
        num_workers: processes that load rows; `auto` goes by the machine.
    """

    views: tuple[Any, ...] = ()  # other ways to show the inputs, for test-time augmentation

    def __init__(
        self,
        contract: Contract,
        fold: int = 0,
        seed: int = 0,
        folds: int = 5,
        trained_folds: int | Literal["all"] = "all",
        fold_kind: str = "auto",
        group_column: str | None = None,
        time_column: str | None = None,
        batch_size: int = 32,
        balanced_sampling: bool = False,
        on_bad_row: str = "refuse",
        num_workers: int | Literal["auto"] = "auto",
    ) -> None:
        super().__init__()
        self.contract, self.fold, self.seed, self.batch_size = contract, fold, seed, batch_size
        self.balanced_sampling = balanced_sampling
        self.workers = _workers(num_workers)
        self.prepared = json.loads((PROCESSED / "prepared.json").read_text(encoding="utf-8"))
        self.table = {
            split: pl.read_parquet(PROCESSED / f"{split}.parquet") for split in ("train", "test")
        }
        self.targets = target_tensor(self.table["train"], contract)
        in_fold = self.table["train"]["fold"].to_numpy()
        self.valid_rows = np.flatnonzero(in_fold == fold)
        # Time-ordered folds: -1 is the oldest block, which only trains; the future never does.
        past = in_fold < fold if self.prepared["fold_kind"] == "time" else in_fold != fold
        self.train_rows = np.flatnonzero(past)
        self.test_rows = np.arange(self.table["test"].height)
        if not len(self.valid_rows) or not len(self.train_rows):
            raise Fault(f"Fold {fold} is empty.", "Run `compete prepare`, or train another fold.")

    @property
    def train_targets(self) -> Tensor:
        """The targets that this fold trains on."""
        return self.targets[torch.from_numpy(self.train_rows)]

    @property
    def ranks(self) -> tuple[int, int]:
        """This process's number among those that train together, and how many they are."""
        return (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)

    def train_sampler(self) -> EpochSampler:
        """The fold's training rows, in an order that seed and epoch decide."""
        weights = None
        if self.balanced_sampling:
            if self.contract.problem != "classification":
                raise Fault("balanced_sampling needs classes.", "Set it to false in params.yaml.")
            counts = torch.bincount(self.train_targets, minlength=len(self.contract.classes))
            weights = 1.0 / counts[self.train_targets]
        return EpochSampler(self.train_rows, self.seed, *self.ranks, weights)

    def valid_sampler(self) -> ShardSampler:
        """The fold's validation rows in order; several processes share them without padding."""
        return ShardSampler(self.valid_rows, *self.ranks)

    def test_sampler(self) -> ShardSampler:
        """The test rows in order."""
        return ShardSampler(self.test_rows, *self.ranks)


def target_tensor(table: pl.DataFrame, contract: Contract) -> Tensor:
    """Class indices `(n,)`, zeros and ones `(n, labels)`, or values `(n, targets)`.

    Of strings, which are no numbers, `(n, 0)`.
    """
    columns = contract.target_columns
    if contract.problem == "translation":
        return torch.empty(table.height, 0)
    if contract.problem == "classification":
        order = {value: index for index, value in enumerate(contract.classes)}
        return torch.tensor([order[value] for value in table[columns[0]]])
    if contract.problem == "multilabel" and columns != contract.classes:
        tags = [set(str(value).split()) for value in table[columns[0]]]
        return torch.tensor([[float(name in row) for name in contract.classes] for row in tags])
    return torch.from_numpy(table.select(columns).to_numpy().astype(np.float32))


def _workers(asked: int | Literal["auto"]) -> int:
    """Processes for loading; where the CPU trains, loading in line is the fastest."""
    if asked != "auto":
        return int(asked)
    return min(8, max(1, cores() - 1)) if torch.cuda.is_available() else 0
