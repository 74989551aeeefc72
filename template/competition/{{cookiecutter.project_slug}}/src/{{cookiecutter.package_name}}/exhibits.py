"""What a task shows of its inputs: the one type that `modeling` hands to `portfolio`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

# A WebP picture, a text, named values, or a text's tokens with what each says for the answer.
Input = bytes | str | dict[str, Any] | list[tuple[str, float]]


@dataclass(frozen=True)
class Exhibit:
    """One way to explain the model's answers.

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
