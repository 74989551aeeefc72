"""Writes everything that visitors see: the page, and the cards made from the same facts."""

from dataclasses import dataclass, field
from pathlib import Path

from compete.charts.figure import Figure
from compete.files import note
from compete.portfolio import citation, model_card, page, readme, summary
from compete.portfolio.model_card import ModelFacts
from compete.portfolio.page import Tile
from compete.portfolio.project_state import ProjectState
from compete.portfolio.readme import Results
from compete.portfolio.section import Section
from compete.portfolio.summary import Summary


@dataclass(frozen=True)
class Report:
    """A project as visitors see it; each kind of project makes its own.

    Args:
        state: its facts.
        tiles: the few numbers for a visitor who has one minute.
        sections: of the page.
        results: for the README and the model card.
        figures: for the README by the name of a file, charts of which the first is shown.
        model: for the model card.
        summary: for a CV, and for other programs.
        pictures: for the README, files that are there, each with its text alternative.
    """

    state: ProjectState
    tiles: list[Tile]
    sections: list[Section]
    results: Results
    figures: dict[str, list[Figure]]
    model: ModelFacts
    summary: Summary
    pictures: dict[Path, str] = field(default_factory=dict)


def write(report: Report) -> None:
    """Write the page and the cards, and say what is not done yet."""
    state = report.state
    page.write(state, report.tiles, report.sections)
    readme.write(state, report.results, report.figures, report.pictures)
    model_card.write(state, report.results, report.model)
    citation.write(state)
    summary.write(state, report.summary)
    for sentence in state.missing():
        note(f"  {sentence}")
    note(f"Wrote {page.PAGE}.")
