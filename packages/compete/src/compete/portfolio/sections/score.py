"""How well the project does: on the leaderboard, and in cross-validation."""

from compete.portfolio import charts
from compete.portfolio.project_state import ProjectState
from compete.portfolio.section import Section, count, number, sentence
from compete.records import CrossValidation, LedgerEntry


def leaderboard_section(state: ProjectState) -> Section:
    """State score, rank and percentile, and draw where the score lies on the leaderboard."""
    section = Section("standing", "Leaderboard")
    entry, board = state.headline, state.leaderboard
    if entry is None:
        section.text.append("No submission has a score yet, so there is no rank.")
        return section
    for key, score in (("public", entry.public), ("private", entry.private)):
        if score is not None:
            section.text.append(sentence("The {} score is {}.", key, number(score, key=key)))
    if entry.rank and entry.teams:
        section.text.append(
            sentence(
                "At the time of submission this was rank {} of {}, in the top {} %.",
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


def validation_section(state: ProjectState) -> Section:
    """State the out-of-fold score and its spread, and draw it beside the leaderboard's."""
    section = Section("validation", "Cross-validation")
    cv = state.cv
    if cv is None:
        section.text.append("There are no out-of-fold predictions yet.")
    else:
        section.text.append(
            sentence(
                "The out-of-fold {} is {} over {} rows. Each row is predicted by models that were "
                "not trained on it.",
                cv.metric,
                number(cv.score, key="cv"),
                number(cv.rows, ",d", "cv-rows"),
            )
        )
        section.text.append(
            sentence(
                "The standard deviation over {} is {}.",
                count(len(cv.folds), "fold"),
                number(state.cv_std, key="cv-spread"),
            )
        )
        section.figures.append(charts.fold_scores(cv.metric, _numbered(cv, state), cv.score))
    scored = [e for e in state.ledger if e.state == "complete" and e.public is not None]
    if scored:
        section.text += [sentence("{}", text) for text in _mismatches(scored)]
        section.figures.append(charts.ledger(state.leaderboard_metric, scored))
    return section


def _mismatches(entries: list[LedgerEntry]) -> list[str]:
    return list(dict.fromkeys(entry.mismatch for entry in entries if entry.mismatch))


def _numbered(cv: CrossValidation, state: ProjectState) -> dict[int, float]:
    """Return the score of each fold by its number; some folds may not be trained."""
    trained = state.oof["fold"].unique().sort().to_list() if state.oof is not None else []
    numbers = trained if len(trained) == len(cv.folds) else range(len(cv.folds))
    return dict(zip(numbers, cv.folds, strict=True))
