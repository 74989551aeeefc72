"""Renders the report as one HTML file that needs nothing else."""

import base64
import math
from dataclasses import replace
from functools import cache
from typing import Any

import polars as pl
import vl_convert
from altair import SCHEMA_VERSION
from markdown_it import MarkdownIt
from markupsafe import Markup

from compete.files import DEMO, MODEL_CARD, PAGE, REPORTS, note, write_text
from compete.portfolio.headline import Headline
from compete.portfolio.project_state import ProjectState
from compete.portfolio.section import Section, heading, number
from compete.portfolio.templating import TEMPLATES, environment

_LIMIT = 2_000_000  # bytes
_MOST_ROWS = 60  # of a table


def write(state: ProjectState, headline: Headline, sections: list[Section]) -> None:
    """Write the page, and warn if it is large."""
    html = _render(state, headline, sections)
    write_text(PAGE, html)
    if len(html.encode()) > _LIMIT:
        note(f"warning: {PAGE} is larger than {_LIMIT // 1_000_000} MB.")


def _render(state: ProjectState, headline: Headline, sections: list[Section]) -> str:
    env = environment(autoescape=True)
    env.filters |= {
        "data_uri": _data_uri,
        "cell": _cell,
        "cells": _cells,
        "heading": heading,
        "markdown": _markdown,
    }
    env.globals["most_rows"] = _MOST_ROWS
    env.tests["image"] = lambda shown: isinstance(shown, bytes)
    env.tests["numeric"] = lambda column: column.dtype.is_numeric()
    html = env.get_template("page.html.jinja").render(
        state=state,
        headline=headline,
        links=_links(state),
        missing=state.missing(),
        sections=_paired([section for section in sections if not section.is_empty]),
        left_out=[section for section in sections if section.is_empty],
        css=_verbatim("page.css"),
        script=_script(),
    )
    return html.rstrip() + "\n"


def _paired(sections: list[Section]) -> list[Section]:
    """Return the sections, of which one that has no other one beside it is as wide as the page."""
    made: list[Section] = []
    beside = False  # whether the last one waits for another
    for place, section in enumerate(sections):
        following = sections[place + 1 : place + 2]
        alone = section.half and not beside and not any(each.half for each in following)
        made.append(replace(section, half=section.half and not alone))
        beside = section.half and not beside and not alone
    return made


def _links(state: ProjectState) -> list[tuple[str, str]]:
    """Return the names and addresses of what there is besides the page."""
    demo = [("Try the demo", DEMO.relative_to(REPORTS).as_posix())] if DEMO.exists() else []
    code = [("Code", state.origin)] if state.origin else []
    # Only the folder of the reports is published as a page, so the card is on the repository's.
    card = f"{state.origin}/blob/HEAD" if "github.com" in state.origin else ".."
    return [*demo, *code, ("Model card", f"{card}/{MODEL_CARD}")]


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
    """Return a value that a row is shown by, a number rounded."""
    if isinstance(content, float):
        return number(content, ".5g" if abs(content) < 1e5 else ",.0f")
    return "" if content is None else str(content)


def _cells(table: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Return the first rows of a table, the numbers of a column with as many decimals."""
    shown = table.head(_MOST_ROWS)
    return list(zip(*map(_column, shown.get_columns()), strict=True))


def _column(values: pl.Series) -> list[Any]:
    if not values.dtype.is_float():
        exact = values.dtype.is_integer()
        return [
            "" if value is None else Markup(f"{value:,}") if exact else str(value)
            for value in values
        ]
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    digits = 4 - math.ceil(math.log10(largest)) if largest else 4
    form = f",.{min(max(digits, 0), 8)}f"
    return ["" if value is None else number(value, form) for value in values]


def _markdown(text: str) -> Markup:
    """Return the author's Markdown as HTML; HTML inside it is shown as text."""
    html: str = MarkdownIt("js-default").render(text)
    return Markup(html)
