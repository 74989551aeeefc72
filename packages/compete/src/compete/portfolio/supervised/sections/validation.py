"""How well the project does in cross-validation."""

from compete.portfolio.section import Section, count, metric_name, number, sentence
from compete.portfolio.supervised import charts
from compete.portfolio.supervised.state import SupervisedState
from compete.records import CrossValidation
from compete.submission_records import LedgerEntry


def validation_section(state: SupervisedState) -> Section:
    """State the out-of-fold score and its spread, and draw it beside the leaderboard's."""
    section = Section("validation", "Validation", half=True)
    cv = state.cv
    if cv is None:
        section.nothing = "There are no out-of-fold predictions yet."
    else:
        section.text.append(
            sentence(
                "The out-of-fold {} is {} over {} rows. Each row is predicted by models that were "
                "not trained on it.",
                metric_name(cv.metric),
                number(cv.score, key="cv"),
                number(cv.rows, ",d", "cv-rows"),
            )
        )
        if len(cv.folds) > 1:
            section.text.append(
                sentence(
                    "The standard deviation over {} is {}.",
                    count(len(cv.folds), "fold"),
                    number(state.cv_std, key="cv-spread"),
                )
            )
        if state.interval:
            section.text.append(
                sentence(
                    "The 95% bootstrap interval is {} to {}.",
                    number(state.interval[0], key="cv-low"),
                    number(state.interval[1], key="cv-high"),
                )
            )
        if len(cv.folds) > 1:
            folds = _numbered(cv, state)
            figure = charts.fold_scores(cv.metric, folds, cv.score, state.interval)
            section.figures.append(figure)
    scored = [e for e in state.ledger if e.state == "complete" and e.public is not None]
    if scored:
        section.text += [sentence("{}", text) for text in _mismatches(scored)]
    if len(scored) > 1:
        section.figures.append(charts.ledger(state.leaderboard_metric, scored))
    return section


def _mismatches(entries: list[LedgerEntry]) -> list[str]:
    return list(dict.fromkeys(entry.mismatch for entry in entries if entry.mismatch))


def _numbered(cv: CrossValidation, state: SupervisedState) -> dict[int, float]:
    """Return the score of each fold by its number; some folds may not be trained."""
    trained = state.oof["fold"].unique().sort().to_list() if state.oof is not None else []
    numbers = trained if len(trained) == len(cv.folds) else range(len(cv.folds))
    return dict(zip(numbers, cv.folds, strict=True))
