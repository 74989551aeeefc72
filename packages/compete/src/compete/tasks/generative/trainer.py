"""How long and by what means networks are trained: the section `trainer` of params.yaml."""

from typing import Any, Literal

import torch
from lightning.pytorch.trainer.connectors.accelerator_connector import _PRECISION_INPUT
from lightning.pytorch.utilities.exceptions import MisconfigurationException

from compete.bounds import NonNegativeInt, PositiveFloat
from compete.tasks.generative.distributed import AveragedGradients
from compete.training.trainer import Trainer as LightningTrainer
from compete.training.trainer import machine_precision


class Trainer(LightningTrainer):
    """Lightning's Trainer for GANs, with a training length of `total_kimg`.

    Args:
        total_kimg: training length: thousands of real images shown to the discriminator, counting
            repetitions.
        checkpoint_kimg: thousands of images between checkpoints, from which training resumes, and
            between lines of progress.
        snapshots: number of snapshots of the averaged generator during training, besides the first
            and the last.
        precision: as in Lightning; `auto`: bf16-mixed if the GPU supports it, else 32-true. Second
            derivatives are always computed in 32 bits.
        strategy: as in Lightning, but only `auto` and `ddp`.
        kwargs: arguments of Lightning's Trainer.
    """

    def __init__(
        self,
        *args: Any,
        total_kimg: PositiveFloat = 200,
        checkpoint_kimg: PositiveFloat = 10,
        snapshots: NonNegativeInt = 4,
        precision: _PRECISION_INPUT | Literal["auto"] | None = "auto",
        strategy: Any = "auto",
        **kwargs: Any,
    ) -> None:
        self.total_kimg, self.checkpoint_kimg = total_kimg, checkpoint_kimg
        self.snapshots = snapshots
        accelerator = kwargs.get("accelerator", "auto")
        if precision in ("auto", None):
            found = machine_precision(accelerator)
            precision = "32-true" if found == "16-mixed" else found
        if precision not in ("32-true", "32", 32, "bf16-mixed", "bf16"):
            raise MisconfigurationException(
                f"`precision: {precision}` has too small a range for second derivatives; "
                "use bf16-mixed, 32-true or auto."
            )
        if strategy not in ("auto", "ddp"):
            raise MisconfigurationException(
                f"`strategy: {strategy}` can't train two networks alternately; use auto or ddp."
            )
        together = _processes(kwargs.get("devices", "auto"), accelerator) * int(
            kwargs.get("num_nodes") or 1
        )
        super().__init__(
            *args,
            precision=precision,
            strategy=AveragedGradients() if together > 1 else "auto",
            use_distributed_sampler=False,  # the batches are shared among the processes already
            max_epochs=-1,  # an epoch is what lies between two checkpoints; `Progress` ends it
            max_steps=-1,
            accumulate_grad_batches=1,
            gradient_clip_val=None,
            **kwargs,
        )


def _processes(devices: Any, accelerator: Any) -> int:
    """Return how many processes of this machine train, as Lightning counts them."""
    on_gpu = accelerator in ("auto", "gpu", "cuda") and torch.cuda.is_available()
    if devices == "auto":
        return torch.cuda.device_count() if on_gpu else 1
    if isinstance(devices, str) and "," in devices:
        return len([each for each in devices.split(",") if each.strip()])
    if isinstance(devices, list):
        return len(devices)
    count = int(devices)
    return torch.cuda.device_count() if count == -1 else count
