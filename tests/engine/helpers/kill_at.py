"""A callback for trainings of tests, which ends them at a place that is always the same."""

import os
from pathlib import Path
from typing import Any

import lightning
from fork_server import KILL

PLACE = Path("kill_at")


class KillAt(lightning.Callback):
    """Kills the first process before a batch: the file `kill_at` holds its epoch and number."""

    def on_train_batch_start(
        self, trainer: lightning.Trainer, pl_module: Any, batch: Any, batch_idx: int
    ) -> None:
        """Look whether this is the batch; the file goes, so that the next run goes on."""
        if not trainer.is_global_zero or not PLACE.exists():
            return
        if PLACE.read_text(encoding="utf-8") == f"{trainer.current_epoch} {batch_idx}":
            PLACE.unlink()
            os.kill(os.getpid(), KILL)
