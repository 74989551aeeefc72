"""Which errors the model makes: overall, and on single rows."""

from collections.abc import Sequence

from compete.portfolio.section import Samples, Section
from compete.problems.base import Mistakes


def errors_section(mistakes: Mistakes | None, samples: Sequence[Samples]) -> Section:
    """Show which mistakes are made, whether the model knows when it is unsure, and some rows.

    Args:
        mistakes: of the out-of-fold predictions, if there are any.
        samples: predictions of single rows.
    """
    section = Section("errors", "Errors")
    if mistakes is None:
        section.nothing = "There are no out-of-fold predictions yet."
        return section
    section.text.append("This section uses out-of-fold predictions.")
    section.text += mistakes.findings
    section.figures += mistakes.figures
    section.tables += mistakes.tables
    section.samples += [each for each in samples if each.samples]
    return section
