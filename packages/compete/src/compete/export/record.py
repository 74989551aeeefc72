"""What `compete export` wrote: `reports/demo/export.json`."""

from dataclasses import dataclass, field

from compete.files import REPORTS
from compete.records import Record

DEMO = REPORTS / "demo"
EXPORTED = DEMO / "export.json"


@dataclass(frozen=True)
class ExportedModel(Record):
    """One trained fold in the demo.

    Args:
        member: its name.
        fold: the fold that it was validated on.
        weight: of its prediction in the mean of all.
        size: of the ONNX file, in bytes.
        difference: the greatest one between ONNX Runtime's prediction and torch's, on real rows.
        milliseconds: for one row, in ONNX Runtime on one core of the machine that exported it.
        precision: of its weights; `difference` is that of the float32 it was made of.
    """

    member: str
    fold: int
    weight: float
    size: int
    difference: float
    milliseconds: float
    precision: str = "float32"


@dataclass(frozen=True)
class Int8(Record):
    """A member in 8-bit integers, beside the same in floats, on the same out-of-fold rows.

    Args:
        member: its name.
        kept: whether the demo runs it in integers.
        reason: why not, as the end of a sentence.
        metric: the competition's.
        rows: that both were scored on, each predicted by a fold that never trained on it.
        score: in floats.
        score_int8: in integers.
        loss: how much worse the score in integers may be: the end of a 95% bootstrap interval.
        tolerance: the most that it may be, half the width of the 95% interval of the score itself.
        size: of the ONNX files in floats, in bytes.
        size_int8: of those in integers.
        milliseconds: for one row by all of them in floats.
        milliseconds_int8: in integers.
    """

    member: str
    kept: bool
    reason: str = ""
    metric: str = ""
    rows: int = 0
    score: float = 0.0
    score_int8: float = 0.0
    loss: float = 0.0
    tolerance: float = 0.0
    size: int = 0
    size_int8: int = 0
    milliseconds: float = 0.0
    milliseconds_int8: float = 0.0

    @property
    def scores(self) -> str:
        """Both scores and what they were measured on, as the middle of a sentence."""
        return (
            f"its {self.metric} is {self.score_int8:.5g} on {self.rows:,} out-of-fold rows, and "
            f"{self.score:.5g} in floats"
        )

    @property
    def sentence(self) -> str:
        """What was decided, with the numbers that decided it."""
        start = f"Member {self.member} runs in 8-bit integers"
        if not self.kept:
            start = f"Member {self.member} stays in floats, since in 8-bit integers {self.reason}"
        if not self.rows:
            return f"{start}."
        return (
            f"{start}: {self.scores} (with 95% confidence the loss is below {self.loss:.2g}; "
            f"{self.tolerance:.2g} is allowed). {self.size_int8 / 1e6:.2f} MB instead of "
            f"{self.size / 1e6:.2f}, {self.milliseconds_int8:.3g} ms a row instead of "
            f"{self.milliseconds:.3g}."
        )


@dataclass(frozen=True)
class Exported(Record):
    """The demo, and what it is made of.

    Args:
        task: which kind of input it takes.
        whole: whether it holds all models that `compete predict` averages.
        models: the trained folds.
        left_out: a sentence for each member that a browser can't run.
        size: what a visitor loads, in bytes.
        checked: the rows that ONNX Runtime and torch were compared on.
        batch_sizes: at which.
        licenses: of what else the page consists of.
        files: the SHA-256 of each file of the demo.
        int8: what 8-bit integers would change or did change, for each member where they were tried.
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
    int8: list[Int8] = field(default_factory=list)

    @classmethod
    def load(cls) -> "Exported | None":
        """Read the record, None before anything was exported."""
        return cls.read(EXPORTED)
