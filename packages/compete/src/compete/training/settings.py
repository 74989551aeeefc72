"""What the section `data` of params.yaml says of itself, whatever the task."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from compete.files import PROCESSED


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The section `data` of params.yaml; tasks, and the author, add its keys as fields."""

    workflow: ClassVar[str]  # the package of the engine whose modules prepare, train and predict
    task: ClassVar[str]  # the package of the engine that reads, decodes and stores the data
    # Keys that do not change the weights of a fold, or only by rounding.
    without_effect: ClassVar[frozenset[str]] = frozenset()
    changes_predictions: ClassVar[frozenset[str]] = frozenset()  # of a trained fold

    def facts(self, model: Mapping[str, Any]) -> list[Path]:
        """Return the files that tell which prepared data a member reads.

        Args:
            model: the section `model` of params.yaml.
        """
        return sorted(PROCESSED.glob("*.json"))
