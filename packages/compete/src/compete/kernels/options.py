"""What `compete kernel build` was asked for: `kernel/dataset/project/kernel.json`."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from compete.errors import Fault
from compete.records import Record

MACHINES = {"none": "", "t4": "NvidiaTeslaT4", "l4": "NvidiaL4"}
"""Kaggle's own names of its machines, as its client's docs/kernels.md has them (September 2026)."""

PRECISIONS = ("32-true", "16-mixed", "bf16-mixed", "16-true", "bf16-true", "64-true")
"""In which Lightning can predict."""


@dataclass(frozen=True)
class Options(Record):
    """The settings of prediction on Kaggle.

    Args:
        half: keep weights in 16 bits.
        accelerator: a key of `MACHINES`.
        hours: how long the competition lets a notebook run.
        memory: gigabytes of Kaggle's machine.
        precision: of prediction, as Lightning names it; None: as `compete predict`.
        batch_size: samples at once; None: as `compete predict`.
    """

    FILE: ClassVar[Path] = Path("kernel.json")

    half: bool = False
    accelerator: str = "none"
    hours: float = 9.0
    memory: float = 30.0
    precision: str | None = None
    batch_size: int | None = None

    def __post_init__(self) -> None:
        """Raise `Fault` for a value that Kaggle, Lightning or the engine would not know."""
        if self.accelerator.lower().startswith("tpu"):
            raise Fault(
                "Prediction does not run on a TPU: PyTorch needs torch_xla there, which the engine "
                "does not use.",
                f"Give --accelerator one of {', '.join(MACHINES)}.",
            )
        if self.accelerator not in MACHINES:
            raise Fault(
                f"The accelerator {self.accelerator!r} is not known.",
                f"Give --accelerator one of {', '.join(MACHINES)}.",
            )
        if self.precision not in (None, *PRECISIONS):
            raise Fault(
                f"Lightning knows no precision {self.precision!r}.",
                f"Give --precision one of {', '.join(PRECISIONS)}.",
            )
        if self.hours <= 0 or self.memory <= 0 or (self.batch_size or 1) < 1:
            raise Fault(
                "--hours, --memory and --batch-size are numbers above zero.", "Correct that one."
            )
