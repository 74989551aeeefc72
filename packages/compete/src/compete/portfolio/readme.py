"""Writes the first screen of the README: badges, scores, a picture, findings."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

import vl_convert
from PIL import Image

from compete.files import (
    DEMO,
    MODEL_CARD,
    PAGE,
    README,
    REPORTS,
    atomic_path,
    note,
    write_text,
)
from compete.portfolio.headline import Headline
from compete.portfolio.project_state import ProjectState
from compete.portfolio.repository import github_name, pages_url, shows_pages
from compete.portfolio.templating import markdown

PICTURE = REPORTS / "plots" / "picture.svg"
# SVG can hold scripts: a site takes pictures of pixels from projects that are not its own.
CARD_PICTURE = PICTURE.with_suffix(".png")
_CARD_WIDTH = 1120  # pixels, as of a chart
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


def write(state: ProjectState, headline: Headline, results: Results) -> None:
    """Replace what is between the marks in the README.

    Args:
        state: of the project.
        headline: what a visitor sees first.
        results: for the table.
    """
    text = README.read_text(encoding="utf-8") if README.exists() else ""
    made = markdown(
        "readme.md.jinja",
        state,
        results=markdown("results.md.jinja", state, results=results),
        headline=headline,
        badges=_badges(headline),
        picture=PICTURE.as_posix(),
        links=_links(state, text),
    )
    before, start, rest = text.partition(_START)
    _, end, after = rest.partition(_END)
    if start and end:
        write_text(README, f"{before}{_START}\n{made}\n{_END}{after}")
    else:
        note(f"warning: {README} has no lines {_START} and {_END}, so the results were not added.")


def draw(headline: Headline) -> None:
    """Write the headline's chart as SVG, and as PNG what a site of several projects shows of it.

    Args:
        headline: what a visitor sees first. What it does not have has no file afterwards.
    """
    spec = headline.picture.spec(width=560, background="white") if headline.picture else None
    if spec:
        write_text(PICTURE, vl_convert.vegalite_to_svg(spec).rstrip() + "\n")
    else:
        PICTURE.unlink(missing_ok=True)
    if headline.samples:
        shown = _enlarged(headline.samples.path)
    elif spec:
        shown = vl_convert.vegalite_to_png(spec, scale=2)
    else:
        CARD_PICTURE.unlink(missing_ok=True)
        return
    with atomic_path(CARD_PICTURE) as beside:
        beside.write_bytes(shown)


def _enlarged(path: Path) -> bytes:
    """Return a picture of small images as PNG, each pixel as a square of several."""
    made = BytesIO()
    with Image.open(path) as picture:
        factor = max(1, _CARD_WIDTH // picture.width)
        size = (picture.width * factor, picture.height * factor)
        picture.resize(size, Image.Resampling.NEAREST).save(made, format="PNG")
    return made.getvalue()


def _links(state: ProjectState, readme: str) -> list[tuple[str, str]]:
    """Return names and addresses; GitHub shows HTML only on the pages of a public repository."""
    name = github_name(state.origin) if shows_pages(readme) else ""
    site = pages_url(name) if name else f"{REPORTS.as_posix()}/"
    page = "" if name else PAGE.name
    demo = [("Try it in your browser", f"{site}demo/{page}")] if DEMO.exists() else []
    return [*demo, ("Report", f"{site}{page}"), ("Model card", MODEL_CARD.as_posix())]


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
