"""What the model can't do, and how to get the same result."""

from compete.portfolio.project_state import ProjectState
from compete.portfolio.section import Section, sentence


def limitations_section(state: ProjectState) -> Section:
    """Show what the author says the model can't do."""
    section = Section("limits", "Limitations", half=True, markdown=state.notes)
    if not state.notes:
        section.nothing = "The author has not described the limitations yet."
    return section


def reproduction_section(state: ProjectState) -> Section:
    """State which code and data were used, and the commands that repeat the work."""
    section = Section("reproduction", "How to reproduce", commands=commands(state))
    if state.published_commit:
        dirty = state.headline is not None and state.headline.dirty
        changes = " with uncommitted changes" if dirty else ""
        text = sentence("Commit <code>{}</code>{}.", state.published_commit, changes)
        section.text.append(text)
    if state.data_hash:
        section.text.append(sentence("Raw data <code>{}</code> (DVC's hash).", state.data_hash))
    if versions := frozenset[str]().union(*(cost.versions for cost in state.costs)):
        text = sentence("Trained with {}; uv.lock lists all versions.", ", ".join(sorted(versions)))
        section.text.append(text)
    if not state.origin:
        section.text.append("The repository has no public address yet.")
    return section


def commands(state: ProjectState) -> list[str]:
    """Return the shell commands that repeat the work from a fresh clone."""
    repeat = ["uv sync", "uv run compete doctor", "uv run dvc repro"]
    if not state.origin:
        return repeat
    clone = [f"git clone {state.origin}", f"cd {state.origin.rsplit('/', 1)[-1]}"]
    if state.published_commit:
        clone.append(f"git checkout {state.published_commit}")
    return clone + repeat
