"""A chapter of the page, and how its numbers and sentences are written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from markupsafe import Markup

from ..exhibits import Input
from .figure import Figure


@dataclass
class Section:
    """A chapter: its heading, its sentences, and what it shows."""

    key: str
    title: str
    text: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    tables: list[tuple[str, pl.DataFrame]] = field(default_factory=list)
    galleries: list[tuple[str, str, Sequence[tuple[str, Input]]]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    markdown: str = ""


def value(number: float, form: str = ".5f", key: str = "") -> Markup:
    """A number as the page shows it, with all its digits for a program that reads it."""
    name = Markup(' id="{}"').format(key) if key else ""
    return Markup('<data value="{}"{}>{}</data>').format(repr(number), name, format(number, form))


def say(text: str, *parts: Any) -> Markup:
    """A sentence in which every part is escaped."""
    return Markup(text).format(*parts)
