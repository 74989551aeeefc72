"""What a task shows of its inputs, and how it explains predictions; the report shows both."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

# A WebP image, a text, named values, or a text's tokens with what each says for the prediction.
Input = bytes | str | dict[str, Any] | list[tuple[str, float]]


@dataclass(frozen=True)
class Explanation:
    """One way to explain the model's predictions.

    Args:
        title: a heading.
        text: what is shown and how it was found out, in sentences.
        items: pieces with a caption each.
        bars: names with a number each, the longest bar first.
    """

    title: str
    text: str
    items: Sequence[tuple[str, Input]] = ()
    bars: Sequence[tuple[str, float]] = field(default=())
