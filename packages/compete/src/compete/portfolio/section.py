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
class Sample:
    """A row with its target, and what is predicted of it.

    Args:
        row: its number among the training rows.
        target: what is right.
        prediction: of the model, empty if there is none.
        correct: whether they are the same; None where only nearer and further is told.
        confidence: of the model, 0 to 1, if it has any.
        shown: what the model read.
    """

    row: int
    target: str
    prediction: str
    correct: bool | None
    confidence: float | None
    shown: Input


@dataclass(frozen=True)
class Samples:
    """Single rows: pictures in a grid, everything else in a table.

    Args:
        title: a heading.
        text: how the rows were chosen, in sentences.
        samples: the rows.
        left_out: how many columns they have that are not shown.
    """

    title: str
    text: str
    samples: Sequence[Sample]
    left_out: int = 0

    @property
    def columns(self) -> list[str]:
        """The names of the values that rows are shown by, in the order of the first row."""
        shown = [sample.shown for sample in self.samples if isinstance(sample.shown, dict)]
        return list(dict.fromkeys(name for values in shown for name in values))

    @property
    def are_narrow(self) -> bool:
        """Whether half the page is wide enough for them."""
        return self.are_pictures or (not self.predicted and len(self.columns) <= 2)

    @property
    def are_pictures(self) -> bool:
        """Whether all that is shown are pictures."""
        return all(isinstance(sample.shown, bytes) for sample in self.samples)

    @property
    def predicted(self) -> bool:
        """Whether there are predictions of them."""
        return any(sample.prediction for sample in self.samples)

    @property
    def confident(self) -> bool:
        """Whether the model tells how sure it is of them."""
        return any(sample.confidence is not None for sample in self.samples)


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
        half: whether it stands beside another one where the page is wide.
        nothing: why there is nothing to show, if so: it is then a line at the end of the page.
        figures: its charts.
        tables: titles, each with its table.
        samples: single rows.
        galleries: inputs with a caption each.
        html: of its own, such as a game that plays in the page.
        commands: lines for a shell.
        markdown: what the author wrote.
    """

    key: str
    title: str
    text: list[str] = field(default_factory=list)
    half: bool = False
    nothing: str = ""
    figures: list["Figure"] = field(default_factory=list)
    tables: list[tuple[str, pl.DataFrame]] = field(default_factory=list)
    samples: list[Samples] = field(default_factory=list)
    galleries: list[Gallery] = field(default_factory=list)
    html: Markup = field(default_factory=Markup)
    commands: list[str] = field(default_factory=list)
    markdown: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it is only the reason why there is nothing to show."""
        return bool(self.nothing) and not (self.figures or self.tables or self.samples)


def number(value: float, form: str = ".5f", key: str = "") -> Markup:
    """Return a number for readers, with all its digits for a program that reads the page.

    Args:
        value: the number.
        form: how it is shown, as `format` takes it.
        key: the `id` of its element in the page, if it has one.
    """
    name = Markup(' id="{}"').format(key) if key else ""
    return Markup('<data value="{}"{}>{}</data>').format(repr(value), name, format(value, form))


def score_text(score: float) -> str:
    """Return a score in the few digits that a reader compares."""
    return format(score, _score_form(score))


def score_number(score: float) -> Markup:
    """Return the same with all its digits for a program."""
    return number(score, _score_form(score))


def _score_form(score: float) -> str:
    return ".4f" if abs(score) < 1 else "#.4g" if abs(score) < 1000 else ",.0f"


def metric_name(metric: str) -> str:
    """Return a metric's name as people write it; a name of Kaggle's stays as it is."""
    return _METRIC_NAMES.get(metric, metric.replace("_", " "))


_METRIC_NAMES = {
    **{name: name.upper() for name in ("auc", "bleu", "mae", "mape", "mse", "rmse", "rmsle")},
    **{"f1": "F1", "macro_f1": "macro F1", "micro_f1": "micro F1", "chrf": "chrF", "r2": "R²"},
}


def heading(text: str) -> str:
    """Return a text with a capital at its begin, unless its first word has capitals of its own."""
    first = text.partition(" ")[0]
    return text if first != first.lower() else text[:1].upper() + text[1:]


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
