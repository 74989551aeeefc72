"""A callback that ends its process in the middle of the second epoch, as a kill would."""

import os
from typing import Any

import lightning

DIES = "BENCH_DIES"  # not an argument: with other settings a training would not resume


class Dies(lightning.Callback):
    """Ends the process at a batch of the second epoch where the variable `BENCH_DIES` is set."""

    def on_train_batch_start(
        self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int
    ) -> None:
        """End it, with nothing closed and nothing saved."""
        if DIES in os.environ and trainer.current_epoch == 1 and batch_idx == 1:
            os._exit(9)
