"""Renders the report as one HTML file that needs nothing else."""

import base64
from functools import cache
from typing import Any

import vl_convert
from altair import SCHEMA_VERSION
from markdown_it import MarkdownIt
from markupsafe import Markup

from compete.files import REPORTS, note, write_text
from compete.portfolio.project_state import ProjectState
from compete.portfolio.section import Section, number
from compete.portfolio.templating import TEMPLATES, environment

Tile = tuple[str, Markup]
"""A name, and a number."""
PAGE = REPORTS / "index.html"
_LIMIT = 2_000_000  # bytes


def write(state: ProjectState, tiles: list[Tile], sections: list[Section]) -> None:
    """Write the page, and warn if it is large."""
    html = _render(state, tiles, sections)
    write_text(PAGE, html)
    if len(html.encode()) > _LIMIT:
        note(f"warning: {PAGE} is larger than {_LIMIT // 1_000_000} MB.")


def _render(state: ProjectState, tiles: list[Tile], sections: list[Section]) -> str:
    env = environment(autoescape=True)
    env.filters |= {"data_uri": _data_uri, "cell": _cell, "markdown": _markdown}
    env.tests["image"] = lambda shown: isinstance(shown, bytes)
    html = env.get_template("page.html.jinja").render(
        title=state.contract.title,
        summary=state.metadata.description,
        tiles=tiles,
        missing=state.missing(),
        sections=sections,
        css=_verbatim("page.css"),
        script=_script(),
    )
    return html.rstrip() + "\n"


def _verbatim(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text(encoding="utf-8").strip())


@cache
def _script() -> Markup:
    """Return page.js with all of Vega that it needs, in the version that Altair writes for."""
    version = ".".join(SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    return Markup(vl_convert.javascript_bundle(_verbatim("page.js"), version).strip())


def _data_uri(image: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(image).decode()


def _cell(content: Any) -> str | Markup:
    """Return a cell of a table, a float rounded."""
    if isinstance(content, float):
        return number(content, ".5g" if abs(content) < 1e5 else ",.0f")
    return "" if content is None else str(content)


def _markdown(text: str) -> Markup:
    """Return the author's Markdown as HTML; HTML inside it is shown as text."""
    html: str = MarkdownIt("js-default").render(text)
    return Markup(html)
