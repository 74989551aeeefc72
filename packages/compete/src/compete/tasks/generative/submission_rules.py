"""What a competition's page on Kaggle says of the images to submit."""

import html
import re
from dataclasses import dataclass

_NUMBER = r"(\d{1,3}(?:,\d{3})+|\d+)"
_RANGE = re.compile(
    rf"{_NUMBER}\s*(?:-|\u2013|\u2014|to|and)\s*{_NUMBER}\s+(?:[\w-]+\s+){{0,4}}?images", re.I
)
_EXACT = re.compile(
    rf"(?:submit|generate|create|exactly|contain)\s+(?:\w+\s+)?{_NUMBER}\s+(?:[\w-]+\s+){{0,4}}?images",
    re.I,
)
_SIZE = re.compile(r"\b(\d{2,4})\s*(?:px)?\s*[x\u00d7*]\s*(\d{2,4})(?:\s*[x\u00d7*]\s*([13]))?\b")
_MODES = {"RGB": re.compile(r"\bRGB\b"), "L": re.compile(r"\bgr[ae]y-?\s?scale\b", re.I)}
_FORMATS = {"JPEG": re.compile(r"\bjpe?gs?\b", re.I), "PNG": re.compile(r"\bpngs?\b", re.I)}


@dataclass(frozen=True)
class Rules:
    """What the page says; empty where it says nothing, several values where it is ambiguous.

    Args:
        counts: the fewest and the most images.
        sizes: width and height.
        modes: `RGB` or `L`.
        formats: `JPEG` or `PNG`.
    """

    counts: frozenset[tuple[int, int]]
    sizes: frozenset[tuple[int, int]]
    modes: frozenset[str]
    formats: frozenset[str]


def read_rules(page: str) -> Rules:
    """Return what Kaggle's page on the evaluation says of the images.

    Args:
        page: in HTML or Markdown; empty if it is not known.
    """
    text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page)))
    ranges = {(_whole(low), _whole(high)) for low, high in _RANGE.findall(text)}
    counts = ranges or {(_whole(one), _whole(one)) for one in _EXACT.findall(text)}
    found = _SIZE.findall(text)
    modes = {"RGB" if channels == "3" else "L" for _, _, channels in found if channels}
    modes |= {name for name, pattern in _MODES.items() if pattern.search(text)}
    return Rules(
        counts=frozenset(counts),
        sizes=frozenset((int(width), int(height)) for width, height, _ in found),
        modes=frozenset(modes),
        formats=frozenset(name for name, pattern in _FORMATS.items() if pattern.search(text)),
    )


def _whole(text: str) -> int:
    return int(text.replace(",", ""))
