"""What the report shows of texts to translate: their columns."""

from collections.abc import Sequence

from compete.contract import Contract
from compete.explanation import Explanation
from compete.supervised.reading import shown_rows as inputs

__all__ = ["explain", "inputs"]


def explain(contract: Contract, rows: Sequence[int]) -> list[Explanation]:
    """Return nothing: no method explains a translation in the space of a page."""
    return []
