"""Lightning's Trainer with this project's defaults, from the section `trainer`."""

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, TypeVar

import lightning
import torch
from jsonargparse import ArgumentParser, Namespace
from lightning.pytorch.callbacks import TQDMProgressBar
from lightning.pytorch.trainer.connectors.accelerator_connector import _PRECISION_INPUT
from lightning.pytorch.utilities.exceptions import MisconfigurationException
from typing_extensions import override

from compete.bounds import PositiveInt
from compete.errors import Fault, first_line
from compete.training.callbacks import AtomicCheckpointIO, StopTraining
from compete.training.parallel import worker_index
from compete.training.run_folder import place_loggers


class Trainer(lightning.Trainer):
    """Lightning's Trainer, with a default precision for the machine.

    Args:
        precision: as in Lightning; `auto`: bf16-mixed if the GPU supports it, 16-mixed on older
            GPUs, else 32-true.
        max_epochs: as in Lightning; `auto`: by the number of samples (`Model.auto_epochs`).
        max_steps: as in Lightning; the weights after the last step are validated.
    """

    def __init__(
        self,
        *args: Any,
        precision: _PRECISION_INPUT | Literal["auto"] | None = "auto",
        max_epochs: PositiveInt | Literal["auto", -1] | None = "auto",
        max_steps: PositiveInt | Literal[-1] = -1,
        **kwargs: Any,
    ) -> None:
        if precision in ("auto", None):
            precision = machine_precision(kwargs.get("accelerator", "auto"))
        epochs = None if max_epochs == "auto" else max_epochs
        super().__init__(*args, precision=precision, max_epochs=epochs, **kwargs)  # type: ignore[arg-type]
        self.steps_limit = max_steps
        self.callbacks.append(StopTraining(max_steps))  # type: ignore[attr-defined]

    @property
    @override
    def estimated_stepping_batches(self) -> int | float:
        """The optimizer's steps in the whole training, by which schedules go."""
        steps = super().estimated_stepping_batches
        return steps if self.steps_limit == -1 else min(steps, self.steps_limit)


TrainerT = TypeVar("TrainerT", bound=Trainer)


def machine_precision(accelerator: Any) -> _PRECISION_INPUT:
    """Return the precision for `auto` on this machine."""
    if accelerator not in ("auto", "gpu", "cuda") or not torch.cuda.is_available():
        return "32-true"
    return "bf16-mixed" if torch.cuda.is_bf16_supported(including_emulation=False) else "16-mixed"


def should_compile(asked: bool | Literal["auto"], device: torch.device) -> bool:
    """Return whether to compile: `auto` is on GPUs that the compiler can write code for.

    That needs Triton, which not every platform has, and compute capability 7.0.
    """
    if asked != "auto":
        return asked
    has_triton = find_spec("triton") is not None
    return device.type == "cuda" and has_triton and torch.cuda.get_device_capability(device) >= (7,)


def allow_tf32() -> None:
    """Let a GPU multiply 32-bit matrices in TF32, as its convolutions do by PyTorch's default.

    Mixed precision multiplies in 16 bits anyway: this is for `precision: 32-true`.
    """
    if torch.cuda.is_available():
        torch.set_float32_matmul_precision("high")


def make_trainer(
    section: Namespace,
    run: Path,
    callbacks: list[lightning.Callback],
    kind: type[TrainerT] = Trainer,  # type: ignore[assignment]
) -> TrainerT:
    """Make the Trainer of one fold.

    Args:
        section: the section `trainer`; `{run}` in a logger's arguments stands for `run`.
        run: the folder of this fold's run.
        callbacks: ours, which come after the author's.
        kind: the class that the section's keys are arguments of.

    Raises:
        Fault: Lightning refuses the arguments.
    """
    try:
        arguments = _arguments(place_loggers(section, run), kind)
        arguments["callbacks"] = [*(arguments["callbacks"] or []), *callbacks]
        if str(section.strategy).startswith(("auto", "ddp")):  # others write in their own way
            arguments["plugins"] = [*(arguments["plugins"] or []), AtomicCheckpointIO()]
        allow_tf32()
        return kind(**arguments)
    except (MisconfigurationException, ImportError, ValueError) as error:
        raise Fault(
            f"Lightning can't create this Trainer: {str(error).splitlines()[0]}",
            "Correct the key under `trainer` in params.yaml.",
        ) from None


def _arguments(section: Namespace, kind: type[Trainer]) -> dict[str, Any]:
    """Return the Trainer's arguments with loggers and callbacks made."""
    parser = ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(kind, "trainer", instantiate=False)
    made: dict[str, Any] = parser.instantiate(Namespace(trainer=section)).trainer.as_dict()
    if made["enable_progress_bar"] is None:
        made["enable_progress_bar"] = sys.stderr.isatty()
    worker = worker_index()
    if made["enable_progress_bar"] and worker is not None:  # a line for each of them
        bar = TQDMProgressBar(process_position=worker)
        made["callbacks"] = [*(made["callbacks"] or []), bar]
    return made


@contextmanager
def explain_torch(processes: int, less: str) -> Iterator[None]:
    """Turn what PyTorch says of a batch that is too large or too small into a `Fault`.

    Args:
        processes: that train together.
        less: what takes less memory, as a sentence.

    Raises:
        Fault: memory is too small, or a batch norm sees one value.
    """
    try:
        yield
    except (RuntimeError, ValueError) as error:
        told = str(error)
        if "out of memory" in told or "can't allocate memory" in told:
            raise Fault(f"There is not enough memory: {first_line(error)[:120]}.", less) from None
        if "more than 1 value per channel" not in told:
            raise
        raise Fault(
            "A batch has one sample for a process, which batch norm can't train on.",
            f"Set `data.batch_size` in params.yaml to {2 * processes} or more; if there are fewer "
            "training rows than that, train in one process (`trainer.devices: 1`).",
        ) from None


def is_first_process() -> bool:
    """Return whether this process has rank 0, before there is a Trainer to ask.

    Lightning, torchrun and SLURM each set one of these variables.
    """
    ranks = (os.environ.get(name) for name in ("RANK", "SLURM_PROCID", "LOCAL_RANK"))
    return int(next((rank for rank in ranks if rank), "0")) == 0


def silence_advice() -> None:
    """Silence Lightning's advice, which is for those who write loops."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module=r"lightning\.(pytorch|fabric)")
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
