"""A section of the report, and how its numbers and sentences are written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from compete.explanation import Input

if TYPE_CHECKING:  # a release needs no Altair
    from compete.charts.figure import Figure


@dataclass(frozen=True)
class Gallery:
    """Inputs with a caption each.

    Args:
        title: a heading.
        text: what is shown, in sentences.
        items: captions, each with its input.
    """

    title: str
    text: str
    items: Sequence[tuple[str, Input]]


@dataclass
class Section:
    """A section of the report; what is empty is not shown.

    Args:
        key: its anchor in the page.
        title: its heading.
        text: its sentences.
        figures: its charts.
        tables: titles, each with its table.
        galleries: inputs of single samples.
        html: of its own, such as a game that plays in the page.
        commands: lines for a shell.
        markdown: what the author wrote.
    """

    key: str
    title: str
    text: list[str] = field(default_factory=list)
    figures: list["Figure"] = field(default_factory=list)
    tables: list[tuple[str, pl.DataFrame]] = field(default_factory=list)
    galleries: list[Gallery] = field(default_factory=list)
    html: Markup = field(default_factory=Markup)
    commands: list[str] = field(default_factory=list)
    markdown: str = ""


def number(value: float, form: str = ".5f", key: str = "") -> Markup:
    """Return a number for readers, with all its digits for a program that reads the page.

    Args:
        value: the number.
        form: how it is shown, as `format` takes it.
        key: the `id` of its element in the page, if it has one.
    """
    name = Markup(' id="{}"').format(key) if key else ""
    return Markup('<data value="{}"{}>{}</data>').format(repr(value), name, format(value, form))


def sentence(text: str, *parts: Any) -> Markup:
    """Return the HTML `text` with every part escaped and put in place of its `{}`."""
    return Markup(text).format(*parts)


def count(quantity: int, noun: str) -> str:
    """Return a quantity with its noun, as in `1 fold` and `1,200 folds`."""
    return f"{quantity:,} {noun}{'' if quantity == 1 else 's'}"


def without_folders(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings with absolute paths, which show the author's disk, cut to file names."""
    return {
        key: Path(value).name if isinstance(value, str) and Path(value).is_absolute() else value
        for key, value in settings.items()
    }
