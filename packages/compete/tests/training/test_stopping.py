"""A training ends where it should, resumed or not."""

from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.demos.boring_classes import BoringModel

from compete.training.trainer import Trainer


class StopAfterTwoEpochs(lightning.Callback):
    """Ends the training, as early stopping would."""

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: Any) -> None:
        """Ask for it in the second epoch."""
        trainer.should_stop = trainer.current_epoch == 1


def fit(
    folder: Path, *callbacks: lightning.Callback, max_epochs: int = 5, **options: Any
) -> Trainer:
    """Train for some epochs of four steps, from the folder's checkpoint if it has one."""
    last = folder / "last.ckpt"
    keep = ModelCheckpoint(
        folder, filename="last", save_on_train_epoch_end=True, enable_version_counter=False
    )
    trainer = Trainer(
        accelerator="cpu",
        precision="32-true",
        max_epochs=max_epochs,
        limit_train_batches=4,
        limit_val_batches=1,
        callbacks=[*callbacks, keep],
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        **options,
    )
    trainer.fit(BoringModel(), ckpt_path=last if last.exists() else None, weights_only=True)
    return trainer


def test_what_was_stopped_stays_so(tmp_path: Path) -> None:
    assert fit(tmp_path, StopAfterTwoEpochs()).global_step == 8
    resumed = fit(tmp_path)
    assert (resumed.global_step, resumed.current_epoch) == (8, 2)


def test_max_steps_ends_a_training_wherever_it_resumes(tmp_path: Path) -> None:
    assert fit(tmp_path, max_epochs=1).global_step == 4
    for _ in range(2):
        trainer = fit(tmp_path, max_steps=10)
        assert trainer.estimated_stepping_batches == 10
        assert (trainer.global_step, trainer.current_epoch) == (10, 3)
