"""What a task tells of its models, so that the page can feed them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from compete.files import REPORTS

EXAMPLES = REPORTS / "examples"  # the author's: pictures, and texts of a line each in .txt files
_MOST = 12


class NotExportable(Exception):
    """A model that a browser can't run; the message is a sentence that says why."""


@dataclass(frozen=True)
class Exportable:
    """A trained fold as one function of tensors.

    Args:
        module: from the tensors to predictions `(n, outputs)`, as `CompetitionModule.predict_batch`
            and the views of test-time augmentation make them.
        inputs: by name, those of real rows, some dozens: the first dimension counts rows.
        encoding: how the page makes the tensors of what the visitor gives, where that is another
            way in each fold.
        assets: by name, files that the page needs for it; folds may share them.
        dynamic: the dimensions that differ from batch to batch, rows first.
        read: makes the tensors of a batch of the fold's loaders, so that exported models can be
            scored; None where they can't be.
    """

    module: nn.Module
    inputs: dict[str, Tensor]
    encoding: dict[str, Any] = field(default_factory=dict)
    assets: dict[str, bytes] = field(default_factory=dict)
    dynamic: tuple[int, ...] = (0,)
    read: Callable[[Any], dict[str, Tensor]] | None = None


@dataclass(frozen=True)
class Demo:
    """What the page asks the visitor for.

    Args:
        task: which kind of input it takes, the name of a script in `web`.
        spec: what that script needs to know.
        examples: inputs to click on, made or licensed.
        limits: what the demo can't do, in sentences.
        libraries: the packages that the script needs besides ONNX Runtime.
    """

    task: str
    spec: dict[str, Any]
    examples: list[dict[str, Any]]
    limits: list[str]
    libraries: tuple[str, ...] = ()


def example_lines() -> list[str]:
    """Return the lines of the author's files of texts, less empty ones."""
    files = sorted(EXAMPLES.glob("*.txt"))
    lines = [line.strip() for file in files for line in file.read_text("utf-8").splitlines()]
    return [line for line in lines if line][:_MOST]
