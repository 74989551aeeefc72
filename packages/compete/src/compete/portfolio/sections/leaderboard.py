"""How well the project does on the leaderboard."""

from compete.portfolio import charts
from compete.portfolio.project_state import ProjectState
from compete.portfolio.section import Section, number, sentence


def leaderboard_section(state: ProjectState) -> Section:
    """State score, rank and percentile, and draw where the score lies on the leaderboard."""
    section = Section("standing", "Leaderboard", half=True)
    entry, board = state.headline, state.leaderboard
    if entry is None:
        section.nothing = "No submission has a score yet, so there is no rank."
        return section
    for key, score in (("public", entry.public), ("private", entry.private)):
        if score is not None:
            section.text.append(sentence("The {} score is {}.", key, number(score, key=key)))
    if entry.rank and entry.teams:
        section.text.append(
            sentence(
                "At the time of submission this was rank {} of {}, in the top {}%.",
                number(entry.rank, "d", "rank"),
                number(entry.teams, "d"),
                number(100 * entry.rank / entry.teams, ".1f", "percentile"),
            )
        )
    else:
        section.text.append("The rank is not known.")
    ours = entry.private if board and board.private else entry.public
    if board and board.scores and ours is not None:
        section.figures.append(charts.leaderboard(state.leaderboard_metric, board.scores, ours))
        section.text.append(sentence("The leaderboard is as of {}.", board.time[:10]))
    else:
        section.text.append("The scores of the other teams were not downloaded.")
    return section
