"""Tables in Markdown, and what their cells hold; for all pages."""

from collections.abc import Iterable, Sequence
from statistics import median

LOOPS = {
    "compete": "`compete train` (Lightning)",
    "bare": "bare PyTorch loop",
    "bare again": "the same bare loop again",
    "timm": "timm's parts, as in its train.py",
}


def spread(values: Sequence[float], form: str) -> list[str]:
    """Return the number of values, the smallest, the median and the largest, as cells of a table.

    Args:
        values: the measurements.
        form: how a number is formatted, such as `.1f`.
    """
    three = (min(values), median(values), max(values))
    return [str(len(values)), *(format(value, form) for value in three)]


def ratios(seconds: dict[str, list[float]], base: str = "bare") -> dict[str, list[float]]:
    """Return each loop's blocks, divided by the blocks of `base` that ran beside them."""
    return {
        name: [ours / theirs for ours, theirs in zip(values, seconds[base], strict=True)]
        for name, values in seconds.items()
    }


def as_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
