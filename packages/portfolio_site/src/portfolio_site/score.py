"""The score of a card, and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portfolio_site.text import finite, mapping, plain


@dataclass(frozen=True)
class Score:
    """How well a project does.

    Args:
        value: of the metric.
        metric: its name.
        maximize: whether more is better.
        where: what it was measured on, in words.
        percentile: the share of teams, in percent, that it is ahead of; None without a leaderboard.
        rank: on the leaderboard.
        teams: there.
        baseline: what it is to be compared with, in words; may be empty.
    """

    value: float
    metric: str
    maximize: bool
    where: str
    percentile: float | None
    rank: int | None
    teams: int | None
    baseline: str

    @property
    def shown(self) -> str:
        """The value, as it is shown."""
        return number(self.value)

    @property
    def standing(self) -> str:
        """The place on the leaderboard in words, empty without one."""
        if self.rank and self.teams and self.teams < 100:
            return f"rank {self.rank} of {self.teams}"
        if self.percentile is None:
            return f"rank {self.rank:,}" if self.rank else ""
        top = max(100 - self.percentile, 0.1)
        return f"top {top:.1f} %" if top < 1 else f"top {top:.0f} %"


def number(value: float) -> str:
    """Return a score in the digits that a project's own report shows."""
    size = abs(value)
    return format(value, ".4f" if size < 10 else ".2f" if size < 1000 else ",.0f")


def read_score(card: Mapping[str, Any]) -> Score | None:
    """Return the score of a card, None if it has none.

    Args:
        card: as it was read. Cards that engines before 0.3 wrote hold several scores by name, of
            which the best proven one counts.
    """
    competition, scores = mapping(card, "competition"), mapping(card, "score")
    value, where = finite(card.get("score")), plain(card.get("split"), 60)
    for key, words in _BEST_PROVEN_FIRST.items():
        if value is None and (value := finite(scores.get(key))) is not None:
            where = words
    elo = mapping(scores, "elo")
    if value is None and (value := finite(elo.get("value"))) is not None:
        where = "games against reference agents"
    metric = plain(card.get("metric") or competition.get("metric"), 40)
    if value is None or not metric:
        return None
    rank, teams = (_count(card.get(key) or scores.get(key)) for key in ("rank", "teams"))
    percentile = finite(card.get("percentile"))
    if percentile is None and rank and teams and rank <= teams:
        percentile = 100 * (1 - rank / teams)
    return Score(
        value=value,
        metric=_METRICS.get(metric, metric.replace("_", " ")),
        maximize=card.get("direction", "maximize") == "maximize"
        and competition.get("maximize") is not False,
        where=where,
        percentile=None if percentile is None else min(max(percentile, 0.0), 100.0),
        rank=rank,
        teams=teams,
        baseline=_baseline(mapping(card, "baseline")),
    )


# Names that are not written as words are.
_METRICS = {
    "auc": "AUC",
    "bleu": "BLEU",
    "chrf": "chrF",
    "f1": "F1",
    "log_loss": "log loss",
    "macro_f1": "macro F1",
    "mae": "MAE",
    "map_at_3": "MAP@3",
    "map_at_5": "MAP@5",
    "micro_f1": "micro F1",
    "r2": "R²",
    "rmse": "RMSE",
    "rmsle": "RMSLE",
}
_BEST_PROVEN_FIRST = {
    "private": "private leaderboard",
    "public": "public leaderboard",
    "cv": "cross-validation",
}


def _baseline(baseline: Mapping[str, Any]) -> str:
    name, score = plain(baseline.get("name"), 120), finite(baseline.get("score"))
    return f"baseline {number(score)}, {name}" if name and score is not None else ""


def _count(value: Any) -> int | None:
    number = finite(value)
    return int(number) if number is not None and number >= 1 else None
