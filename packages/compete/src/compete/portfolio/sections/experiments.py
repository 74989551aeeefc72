"""What else was tried."""

import polars as pl
from markupsafe import Markup

from compete.portfolio.project_state import ProjectState
from compete.portfolio.section import Section


def experiments_section(state: ProjectState) -> Section:
    """Show what was tried with `dvc exp`."""
    section = Section("experiments", "Experiments", half=True)
    if state.experiments:
        section.text.append("The changes of each experiment, and the scores with and without them.")
        section.tables.append(("Experiments", pl.DataFrame(state.experiments)))
    else:
        section.nothing = Markup("No experiment was run with <code>dvc exp run</code>.")
    return section
