"""Why the model predicts what it does."""

from collections.abc import Sequence

from compete.charts.predictions import bars
from compete.explanation import Explanation
from compete.portfolio.section import Gallery, Section


def explanations_section(explanations: Sequence[Explanation]) -> Section:
    """Show the explanations that the task has."""
    section = Section("explanations", "What the model looks at")
    if not explanations:
        section.nothing = "No fold is trained, or there is no method to explain this task."
    for one in explanations:
        if one.items:
            section.galleries.append(Gallery(one.title, one.text, one.items))
        if one.bars:
            section.figures.append(bars(one.title, one.text, list(one.bars), "importance"))
    return section
