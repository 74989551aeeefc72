"""The first screen: what was asked, what came out of it, and what that means."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from compete.charts.figure import Figure


@dataclass(frozen=True)
class Tile:
    """A number with its name.

    Args:
        name: what it is.
        value: the number.
        note: what it means, in a few words.
    """

    name: str
    value: Markup
    note: str = ""


@dataclass(frozen=True)
class Samples:
    """A picture of what the project made.

    Args:
        path: of its file, in the project's folder.
        text: its text alternative.
        figure: the same in HTML; empty if it is too large for the page.
    """

    path: Path
    text: str
    figure: Markup


@dataclass(frozen=True)
class Headline:
    """What a visitor sees first.

    Args:
        kind: of the work, such as `Image classification`.
        problem: what is asked, in a sentence.
        result: what was reached, in a sentence.
        tiles: the score first, then what it is compared with.
        findings: the few that matter most, in sentences made of the numbers.
        picture: the chart that shows it best.
        samples: shown before the chart, if there are any.
    """

    kind: str
    problem: str
    result: str
    tiles: Sequence[Tile] = ()
    findings: Sequence[str] = field(default=())
    picture: "Figure | None" = None
    samples: Samples | None = None
