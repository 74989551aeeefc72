"""Callbacks of every run: reproducible randomness, averaged weights, a line of scores per epoch."""

from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import WeightAveraging
from lightning.pytorch.plugins.io import TorchCheckpointIO
from torch import Tensor, nn
from typing_extensions import override

from compete.files import atomic_path, note
from compete.training.seeds import seed_cpu


class SeedEachBatch(lightning.Callback):
    """Seeds all random generators with the number of each batch, so that resuming is reproducible.

    Lightning's checkpoints do not hold the random state.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    @override
    def on_train_batch_start(
        self, trainer: lightning.Trainer, pl_module: Any, batch: Any, batch_idx: int
    ) -> None:
        batches = trainer.fit_loop.epoch_loop.total_batch_idx
        number = (self.seed * 1_000_003 + batches) * 65_537 + trainer.global_rank
        seed_cpu(number)
        if pl_module.device.type != "cpu":
            torch.get_device_module(pl_module.device).manual_seed(number % 2**63)


class StopTraining(lightning.Callback):
    """Stops training after a number of steps, and a resumed run where it stopped before.

    Lightning's own `max_steps` counts an epoch twice when it resumes; and whatever else had ended
    the training, such as early stopping, is not in its checkpoints.

    Args:
        max_steps: of the optimizer; -1: no limit.
    """

    def __init__(self, max_steps: int) -> None:
        self.max_steps, self.stopped = max_steps, False

    def _look(self, trainer: lightning.Trainer) -> None:
        if self.stopped or 0 <= self.max_steps <= trainer.global_step:
            trainer.should_stop = True

    @override
    def on_train_start(self, trainer: lightning.Trainer, pl_module: Any) -> None:
        self._look(trainer)

    @override
    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self._look(trainer)

    @override
    def on_save_checkpoint(
        self, trainer: lightning.Trainer, pl_module: Any, checkpoint: dict[str, Any]
    ) -> None:
        checkpoint["stopped"] = trainer.should_stop

    @override
    def on_load_checkpoint(
        self, trainer: lightning.Trainer, pl_module: Any, checkpoint: dict[str, Any]
    ) -> None:
        self.stopped = checkpoint["stopped"]


class MovingAverage(WeightAveraging):
    """An exponential moving average of the weights, which is validated and saved.

    The decay begins low and rises to its full value (as in TensorFlow's ExponentialMovingAverage),
    so that a short training is not held back by its first steps.

    Args:
        decay: how much of the average each optimizer step keeps, below 1.
    """

    def __init__(self, decay: float) -> None:
        super().__init__()
        self.decay = decay

    @override
    def setup(self, trainer: lightning.Trainer, pl_module: Any, stage: str) -> None:
        super().setup(trainer, pl_module, stage)
        if stage != "fit":  # what is validated by itself has its weights already
            self._average_model = None

    @override
    def on_train_start(self, trainer: lightning.Trainer, pl_module: Any) -> None:
        """Put the average where the model is, and pair their tensors.

        Lightning copies the model before it goes to the GPU, and would bring all weights back from
        there in each step; PyTorch's `AveragedModel` would wait for the GPU in each.
        """
        assert self._average_model is not None
        self._average_model.to(pl_module.device)
        self.averaged, self.current = _tensors(self._average_model.module), _tensors(pl_module)

    @override
    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        steps = self._latest_update_step
        if trainer.global_step == steps:  # gradients accumulate
            return
        decay = min(self.decay, (1 + steps) / (10 + steps)) if steps else 0.0
        torch._foreach_lerp_(self.averaged[0], self.current[0], 1 - decay)
        if self.averaged[1]:
            torch._foreach_copy_(self.averaged[1], self.current[1])
        self._latest_update_step = trainer.global_step


def _tensors(module: nn.Module) -> tuple[list[Tensor], list[Tensor]]:
    """Return floating tensors, and the others, such as batch norm's counter."""
    both = [tensor.detach() for tensor in (*module.parameters(), *module.buffers())]
    floats = [tensor for tensor in both if tensor.is_floating_point()]
    return floats, [tensor for tensor in both if not tensor.is_floating_point()]


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes checkpoints atomically, by moving them into place.

    Lightning's own goes through the system's temporary folder; from there to another disk is a
    copy, of which a killed process would leave the half.
    """

    @override
    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None
    ) -> None:
        with atomic_path(Path(path)) as beside:
            torch.save(checkpoint, beside)


class EpochLine(lightning.Callback):
    """Prints a line of scores at the end of each epoch, for logs without a progress bar.

    Attributes:
        validated_step: how many optimizer steps the weights had seen that were last validated;
            None before.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.validated_step: int | None = None

    @override
    def on_validation_end(self, trainer: lightning.Trainer, pl_module: Any) -> None:
        if not trainer.sanity_checking:
            self.validated_step = trainer.global_step

    @override
    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: Any) -> None:
        if trainer.is_global_zero:
            values = trainer.callback_metrics.items()
            scores = "  ".join(f"{key} {float(value):.4f}" for key, value in values)
            note(f"{self.name}  epoch {trainer.current_epoch + 1}/{trainer.max_epochs}  {scores}")
