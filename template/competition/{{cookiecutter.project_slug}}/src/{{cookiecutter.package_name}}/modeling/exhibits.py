"""What the report shows of the inputs. A task that has more to show brings this file in its own."""

from collections.abc import Sequence

from ..competition import Contract
from ..exhibits import Exhibit, Input
from .tables import shown_rows


def inputs(contract: Contract, rows: Sequence[int]) -> Sequence[Input]:
    """The inputs of some training rows, by their numbers."""
    return shown_rows(contract, rows)


def explain(contract: Contract, rows: Sequence[int]) -> list[Exhibit]:
    """Why the model answered as it did for some training rows; nothing where a task can't tell."""
    return []
