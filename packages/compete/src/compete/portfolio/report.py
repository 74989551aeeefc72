"""Writes everything that visitors see: the page, and the cards made from the same facts."""

from dataclasses import dataclass

from compete.files import PAGE, note
from compete.portfolio import citation, model_card, page, readme, summary
from compete.portfolio.headline import Headline
from compete.portfolio.model_card import ModelFacts
from compete.portfolio.project_state import ProjectState
from compete.portfolio.readme import Results
from compete.portfolio.section import Section
from compete.portfolio.summary import Summary


@dataclass(frozen=True)
class Report:
    """A project as visitors see it; each kind of project makes its own.

    Args:
        state: its facts.
        headline: what a visitor sees first.
        sections: of the page.
        results: for the README and the model card.
        model: for the model card.
        summary: for a CV, and for other programs.
    """

    state: ProjectState
    headline: Headline
    sections: list[Section]
    results: Results
    model: ModelFacts
    summary: Summary


def write(report: Report) -> None:
    """Write the report and the cards, and print what is not done yet."""
    state = report.state
    page.write(state, report.headline, report.sections)
    readme.draw(report.headline)
    readme.write(state, report.headline, report.results)
    model_card.write(state, report.results, report.model)
    citation.write(state)
    summary.write(state, report.headline, report.summary)
    for sentence in state.missing():
        note(f"  {sentence}")
    note(f"Wrote {PAGE}.")
