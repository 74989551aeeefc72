"""What `compete export` wrote: `reports/demo/export.json`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from compete.files import REPORTS
from compete.records import Record

DEMO = REPORTS / "demo"
EXPORTED = DEMO / "export.json"


@dataclass(frozen=True)
class ExportedModel(Record):
    """One trained fold in the demo.

    Args:
        member: its name.
        fold: the fold that it was validated on; 0 of an agent, which has none.
        weight: of its prediction in the mean of all.
        size: of the ONNX file, in bytes.
        difference: the greatest one between ONNX Runtime's prediction and torch's, on real rows.
        milliseconds: for one row, in ONNX Runtime on one core of the machine that exported it.
    """

    member: str
    fold: int
    weight: float
    size: int
    difference: float
    milliseconds: float


@dataclass(frozen=True)
class Exported(Record):
    """The demo, and what it is made of.

    Args:
        task: which kind of input it takes.
        whole: whether it predicts what `compete predict` does; else it holds fewer models.
        models: the trained folds.
        left_out: a sentence for each member that a browser can't run.
        size: what a visitor loads, in bytes.
        checked: the rows that ONNX Runtime and torch were compared on.
        batch_sizes: at which.
        licenses: of what else the page consists of.
        files: the SHA-256 of each file of the demo.
    """

    task: str
    whole: bool
    models: list[ExportedModel]
    left_out: list[str]
    size: int
    checked: int
    batch_sizes: list[int]
    licenses: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Exported":
        """Make the record of a mapping of mappings."""
        models = [ExportedModel.from_dict(one) for one in values["models"]]
        return super().from_dict({**values, "models": models})

    @classmethod
    def load(cls) -> "Exported | None":
        """Read the record, None before anything was exported."""
        return cls.read(EXPORTED)
