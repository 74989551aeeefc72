"""Which errors the model makes: overall, and on single samples."""

from compete.portfolio.section import Gallery, Section
from compete.portfolio.supervised.state import SupervisedState


def errors_section(state: SupervisedState) -> Section:
    """Show which mistakes are made, and whether the model knows when it is unsure."""
    section = Section("errors", "Error analysis")
    if state.oof is None:
        section.text.append("There are no out-of-fold predictions yet to look for mistakes in.")
        return section
    mistakes = state.problem.mistakes(state.oof, state.train)
    section.figures += mistakes.figures
    section.tables += mistakes.tables
    return section


def predictions_section(galleries: list[Gallery]) -> Section:
    """Show predictions of single samples with their inputs."""
    shown = [gallery for gallery in galleries if gallery.items]
    section = Section("predictions", "Single predictions", galleries=shown)
    if not shown:
        section.text.append("There are no out-of-fold predictions, or no inputs, to show yet.")
    return section
