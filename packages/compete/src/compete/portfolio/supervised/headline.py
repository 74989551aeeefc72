"""The first screen of a project of predictions."""

from collections.abc import Sequence

from compete.charts.figure import Figure
from compete.explanation import Explanation
from compete.portfolio.headline import Headline, Tile
from compete.portfolio.section import count, metric_name, score_number, score_text
from compete.portfolio.supervised.findings import findings
from compete.portfolio.supervised.state import SupervisedState
from compete.problems.base import Mistakes


def headline(
    state: SupervisedState,
    mistakes: Mistakes | None,
    explanations: Sequence[Explanation],
    otherwise: Sequence[Figure],
) -> Headline:
    """Return what a visitor sees first.

    Args:
        state: of the project.
        mistakes: of the out-of-fold predictions, if any; their first chart is the picture.
        explanations: of the predictions.
        otherwise: charts for a picture where there is none of mistakes.
    """
    pictures = [*(mistakes.figures if mistakes else []), *otherwise]
    return Headline(
        kind=state.kind,
        problem=f"The competition asks {state.problem.question()}, scored by "
        f"{metric_name(state.metric)} ({'higher' if state.maximize else 'lower'} is better).",
        result=_result(state),
        tiles=_tiles(state),
        findings=findings(state, mistakes, explanations),
        picture=pictures[0] if pictures else None,
    )


def _result(state: SupervisedState) -> str:
    """Return what was reached, and what a prediction without a model reaches."""
    cv, entry = state.cv, state.headline
    if cv is None:
        return "There are no predictions yet."
    members = state.scores.blended if state.scores else 1
    who = "One model" if members == 1 else f"A blend of {members} models"
    text = f"{who} scores {score_text(cv.score)} {metric_name(cv.metric)} in cross-validation"
    if state.baseline:
        baseline = state.baseline
        text += f", compared to {score_text(baseline.score)} for the baseline ({baseline.name})"
    if entry and entry.rank and entry.teams:
        text += f", and ranks {entry.rank:,} of {entry.teams:,} on the leaderboard"
    return f"{text}."


def _tiles(state: SupervisedState) -> list[Tile]:
    """Return the leaderboard's score, the project's own, and the baseline's."""
    tiles = []
    if entry := state.headline:
        split, score = state.leaderboard_score
        place = ""
        if entry.rank and entry.teams:
            top = max(100 * entry.rank / entry.teams, 1)
            board = state.leaderboard
            which = "" if board is None else " (private)" if board.private else " (public)"
            place = f"rank {entry.rank:,} of {entry.teams:,}{which}: top {top:.0f}%"
        name = f"{metric_name(state.leaderboard_metric)}, {split}"
        tiles.append(Tile(name, score_number(score), place))
    if cv := state.cv:
        note = count(cv.rows, "row")
        if state.interval:
            low, high = map(score_text, state.interval)
            note = f"95% interval {low} to {high}; {note}"
        tiles.append(Tile(f"{metric_name(cv.metric)}, out of fold", score_number(cv.score), note))
    if state.baseline:
        score, name = state.baseline.score, state.baseline.name
        tiles.append(Tile("baseline, same rows", score_number(score), name))
    return tiles
