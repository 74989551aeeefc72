"""The findings of a supervised project, in sentences."""

from collections.abc import Sequence

from compete.explanation import Explanation
from compete.portfolio.section import count, metric_name, score_text
from compete.portfolio.supervised.state import SupervisedState
from compete.problems.base import Mistakes

_SHOWN = 3
_FEW = 3  # columns that a sentence names


def findings(
    state: SupervisedState, mistakes: Mistakes | None, explanations: Sequence[Explanation]
) -> list[str]:
    """Return the most important findings.

    Args:
        state: of the project.
        mistakes: of the out-of-fold predictions, if there are any.
        explanations: of the predictions.
    """
    errors = mistakes.findings if mistakes else []
    found = [
        *errors[:1],
        *_importance(explanations),
        *_agreement(state),
        *_folds(state),
        *_blend(state),
        *errors[1:],
    ]
    return found[:_SHOWN]


def _importance(explanations: Sequence[Explanation]) -> list[str]:
    """Return which columns carry half of the importance."""
    for explanation in explanations:
        useful = [(name, value) for name, value in explanation.bars if value > 0]
        total, sum_, names = sum(value for _, value in useful), 0.0, []
        for name, value in useful:
            names.append(name)
            sum_ += value
            if sum_ >= total / 2:
                break
        if len(useful) < 2 or len(names) == len(useful):
            continue
        columns = f"{len(explanation.bars)} columns"
        if len(names) <= _FEW:
            *most, last = names
            told = f"{', '.join(most)} and {last} account" if most else f"{last} accounts"
            return [f"{told} for {sum_ / total:.0%} of the importance of all {columns}."]
        rest = f"{names[0]} is the most important"
        return [f"{len(names)} of {columns} account for half of the importance; {rest}."]
    return []


def _agreement(state: SupervisedState) -> list[str]:
    """Return whether the leaderboard is as far from cross-validation as so few rows allow.

    Both scores are of samples: the error of a difference is the root of the sum of both squares,
    where that of the leaderboard is taken from its number of rows.
    """
    entry, interval, cv = state.headline, state.interval, state.cv
    if entry is None or entry.mismatch or not (interval and cv and state.prepared):
        return []
    split, score = state.leaderboard_score
    gap = score - cv.score
    width = (interval[1] - interval[0]) / 2
    margin = width * (1 + cv.rows / max(state.prepared.test_rows, 1)) ** 0.5
    apart = (
        f"they differ by {score_text(abs(gap))}, and samples of this size by up to "
        f"{score_text(margin)} (95%)"
    )
    if abs(gap) <= margin:
        return [f"Cross-validation and {split} agree: {apart}."]
    kind = "better" if (gap > 0) == state.maximize else "worse"
    return [f"The {split} score is {kind} than in cross-validation: {apart}."]


def _folds(state: SupervisedState) -> list[str]:
    """Return how much the folds differ."""
    cv = state.cv
    if cv is None or len(cv.folds) < 2:
        return []
    low, high = min(cv.folds), max(cv.folds)
    apart = high - low
    # A fold of k has the error of all rows times the root of k.
    by_chance = (
        (state.interval[1] - state.interval[0]) * len(cv.folds) ** 0.5 if state.interval else 0
    )
    told = "agree within" if apart <= by_chance else "differ by"
    return [
        f"The {len(cv.folds)} folds {told} {score_text(apart)}: their "
        f"{metric_name(cv.metric)} is between {score_text(low)} and {score_text(high)}."
    ]


def _blend(state: SupervisedState) -> list[str]:
    """Return what blending gained."""
    if state.scores is None or len(state.scores.members) < 2:
        return []
    pick = max if state.maximize else min
    name, best = pick(state.scores.members.items(), key=lambda pair: pair[1].score)
    gain = abs(state.scores.cv.score - best.score)
    better = state.contract.scoring.better(state.scores.cv.score, best.score)
    members = count(len(state.scores.members), "member")
    told = f"improves on the best one, {name}, by {score_text(gain)}"
    return [f"Blending {members} {told if better else f'does not improve on {name} alone'}."]
