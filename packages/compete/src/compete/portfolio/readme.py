"""Writes the first screen of the README: badges, scores, a picture, findings."""

from dataclasses import dataclass
from urllib.parse import urlencode

import vl_convert

from compete.charts.figure import Figure
from compete.files import DEMO, README, REPORTS, atomic_path, note, write_text
from compete.portfolio.headline import Headline
from compete.portfolio.project_state import ProjectState
from compete.portfolio.templating import markdown

PICTURE = REPORTS / "plots" / "picture.svg"
# SVG can hold scripts: a site takes pictures of pixels from projects that are not its own.
CARD_PICTURE = PICTURE.with_suffix(".png")
_START, _END = "<!-- results:start -->", "<!-- results:end -->"


@dataclass(frozen=True)
class Results:
    """The table of results.

    Args:
        header: of the column of numbers, in Markdown.
        rows: names, each with its number, in Markdown.
    """

    header: str
    rows: list[tuple[str, str]]


def write(state: ProjectState, headline: Headline, results: Results, picture: str | None) -> None:
    """Replace what is between the marks in the README.

    Args:
        state: of the project.
        headline: what a visitor sees first.
        results: for the table.
        picture: the file of the headline's chart.
    """
    made = markdown(
        "readme.md.jinja",
        state,
        results=markdown("results.md.jinja", state, results=results),
        headline=headline,
        badges=_badges(headline),
        picture=picture,
        demo=DEMO.as_posix() if DEMO.exists() else "",
    )
    text = README.read_text(encoding="utf-8") if README.exists() else ""
    before, start, rest = text.partition(_START)
    _, end, after = rest.partition(_END)
    if start and end:
        write_text(README, f"{before}{_START}\n{made}\n{_END}{after}")
    else:
        note(f"warning: {README} has no lines {_START} and {_END}: the results are not in it.")


def draw(picture: Figure | None) -> str | None:
    """Write a chart as SVG, and as PNG for a site of several projects; return the path of the SVG.

    Without a chart there are no files, and None is returned.
    """
    if picture is None:
        PICTURE.unlink(missing_ok=True)
        CARD_PICTURE.unlink(missing_ok=True)
        return None
    spec = picture.spec(width=560, background="white")
    write_text(PICTURE, vl_convert.vegalite_to_svg(spec).rstrip() + "\n")
    with atomic_path(CARD_PICTURE) as beside:
        beside.write_bytes(vl_convert.vegalite_to_png(spec, scale=2))
    return PICTURE.as_posix()


def _badges(headline: Headline) -> list[tuple[str, str]]:
    """Return the text of each badge, and the address of its picture."""
    return [
        (
            f"{tile.name}: {tile.value.striptags()}",
            "https://img.shields.io/static/v1?"
            + urlencode({"label": tile.name, "message": tile.value.striptags(), "color": "0072B2"}),
        )
        for tile in headline.tiles
    ]
