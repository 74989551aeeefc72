"""The base datamodule of a fold: its training, validation and test rows, and their targets."""

from typing import Any, Generic, Self, TypeVar

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from compete.contract import Contract
from compete.errors import Fault
from compete.files import FOLD, GROUP, PROCESSED
from compete.problems import get_problem
from compete.processed import read_rows
from compete.records import Prepared
from compete.supervised.settings import DataSettings
from compete.training.config import Config
from compete.training.parallel import cores
from compete.training.sampling import EpochSampler, ShardSampler

SettingsT = TypeVar("SettingsT", bound=DataSettings)


class FoldDataModule(lightning.LightningDataModule, Generic[SettingsT]):
    """The prepared data of one fold. The `Data` of each task adds the dataloaders.

    Args:
        contract: the competition's requirements.
        settings: the section `data` of params.yaml.
        fold: the validation fold; the other folds are for training.
        seed: random seed of the row order and the augmentation.

    Raises:
        Fault: the fold has no rows.
    """

    views: tuple[Any, ...] = ()  # transforms of the inputs for test-time augmentation
    first_epoch = 0  # a resumed run's is the one after its checkpoint

    def __init__(self, contract: Contract, settings: SettingsT, fold: int, seed: int) -> None:
        super().__init__()
        self.contract, self.settings, self.fold, self.seed = contract, settings, fold, seed
        self.problem = get_problem(contract)
        self.prepared = Prepared.load()
        self.table = {
            split: read_rows(PROCESSED / f"{split}.parquet") for split in ("train", "test")
        }
        self.targets = self.problem.targets(self.table["train"])
        in_fold = self.table["train"][FOLD].to_numpy()
        self.val_rows = np.flatnonzero(in_fold == fold)
        # Time-ordered folds: -1 is the oldest block, which only trains; the future never does.
        past = in_fold < fold if self.prepared.fold_kind == "time" else in_fold != fold
        self.train_rows = np.flatnonzero(past)
        self.test_rows = np.arange(self.table["test"].height)
        if not len(self.val_rows) or not len(self.train_rows):
            raise Fault(f"Fold {fold} is empty.", "Run `compete prepare`, or train another fold.")
        asked = settings.batch_size
        self.batch_size = self.auto_batch_size() if asked == "auto" else asked
        self.workers = _workers(settings.num_workers)

    @classmethod
    def from_config(cls, config: Config[Any], contract: Contract, fold: int) -> Self:
        """Create the datamodule of a fold from the configuration of a member."""
        return cls(contract, config.data, fold, config.seed_everything + fold)

    def auto_batch_size(self) -> int:
        """Return the batch size for `auto`."""
        return 32

    @property
    def train_targets(self) -> Tensor:
        """The targets of the training rows."""
        return self.targets[torch.from_numpy(self.train_rows)]

    @property
    def train_folds(self) -> NDArray[np.int64]:
        """The fold of each training row `(n,)`; -1: the oldest block of time-ordered folds."""
        folds: NDArray[np.int64] = self.table["train"][FOLD].to_numpy()[self.train_rows]
        return folds

    @property
    def train_groups(self) -> NDArray[np.int64]:
        """The group of each training row `(n,)`, if folds go by groups; else each has its own."""
        table = self.table["train"]
        if GROUP not in table.columns:
            return self.train_rows
        groups: NDArray[np.int64] = table[GROUP].to_numpy()[self.train_rows]
        return groups

    @property
    def ranks(self) -> tuple[int, int]:
        """The rank of this process and the number of training processes."""
        return (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)

    @property
    def rank_batch_size(self) -> int:
        """The batch size of this process."""
        return max(1, self.batch_size // self.ranks[1])

    def state_dict(self) -> dict[str, Any]:
        """Return the state for a checkpoint: the epoch from which training resumes."""
        assert self.trainer is not None
        progress: Any = self.trainer.fit_loop.epoch_progress.current
        return {"epoch": progress.processed}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load the state of a checkpoint. Lightning calls it before it creates dataloaders."""
        self.first_epoch = state_dict["epoch"]

    def train_sampler(self) -> EpochSampler:
        """Return the training rows, shuffled by seed and epoch."""
        weights, processes = None, self.ranks[1]
        if min(self.batch_size, len(self.train_rows)) < processes:
            raise Fault(
                f"A batch of {self.batch_size} from {len(self.train_rows)} training rows can't be "
                f"shared by {processes} processes.",
                f"Set `data.batch_size` to {processes} or more, or `trainer.devices` to fewer.",
            )
        if self.settings.balanced_sampling:
            if not self.problem.has_classes:
                raise Fault("balanced_sampling needs classes.", "Set it to false in params.yaml.")
            counts = torch.bincount(self.train_targets, minlength=len(self.contract.classes))
            weights = 1.0 / counts[self.train_targets]
        return EpochSampler(self.train_rows, self.seed, *self.ranks, weights, self.first_epoch)

    def val_sampler(self) -> ShardSampler:
        """Return the validation rows in order, divided among processes without padding."""
        return ShardSampler(self.val_rows, *self.ranks)

    def test_sampler(self) -> ShardSampler:
        """Return the test rows in order."""
        return ShardSampler(self.test_rows, *self.ranks)


def _workers(asked: int | str) -> int:
    """Return the number of worker processes; 0 on a CPU, where loading in-process is fastest."""
    if asked != "auto":
        return int(asked)
    return min(8, max(1, cores() - 1)) if torch.cuda.is_available() else 0
