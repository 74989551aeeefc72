"""Writes the project in short: three lines for a CV, and `card.json` for other programs."""

from dataclasses import dataclass
from typing import Any

from compete.files import DEMO, MODEL_CARD, PAGE, REPORTS, git, write_text
from compete.portfolio.card import CARD, Baseline, Card, Links
from compete.portfolio.headline import Headline
from compete.portfolio.project_state import ProjectState
from compete.portfolio.readme import CARD_PICTURE


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What is said of the project in short.

    Args:
        leaderboard: what it is for, and how well it does there, in a phrase.
        validation: how well it does otherwise, in a phrase.
        tools: what it is made with.
        score: the one to show.
        split: where that is from, such as `public leaderboard`.
        interval: 95% interval of the project's own score.
        rows: behind that score.
        baseline: a simple prediction of the same rows.
        skills: libraries and techniques.
        scores: by name, other than the leaderboard's.
        members: each with its numbers by name.
    """

    leaderboard: str
    validation: str
    tools: str
    score: float | None
    split: str
    interval: tuple[float, float] | None = None
    rows: int | None = None
    baseline: Baseline | None = None
    skills: list[str]
    scores: dict[str, Any]
    members: dict[str, dict[str, Any]]


def write(state: ProjectState, headline: Headline, summary: Summary) -> None:
    """Write `cv.txt` and `card.json`.

    Args:
        state: of the project.
        headline: what a visitor sees first.
        summary: what else is said of it.
    """
    lines = _cv_lines(state, summary)
    write_text(REPORTS / "cv.txt", "".join(f"{line}\n" for line in lines))
    _card(state, headline, summary, lines).write(CARD)


def _cv_lines(state: ProjectState, summary: Summary) -> list[str]:
    """Return three sentences that claim nothing that is not known."""
    address = f": {state.origin}" if state.origin else ""
    return [
        f"{summary.leaderboard}.",
        f"{summary.validation}.",
        f"{summary.tools}, pinned and tested, reproducible with two commands{address}.",
    ]


def _card(
    state: ProjectState,
    headline: Headline,
    summary: Summary,
    lines: list[str],
) -> Card:
    """Return what other programs need to list the project."""
    metadata, entry = state.metadata, state.headline
    board = summary.split.endswith("leaderboard")
    maximize = state.leaderboard_maximize if board else state.maximize
    rank, teams = (entry.rank, entry.teams) if entry else (None, None)
    return Card(
        title=state.title,
        slug=state.contract.slug,
        task=state.task,
        problem=headline.problem,
        result=headline.result,
        metric=state.leaderboard_metric if board else state.metric,
        direction="maximize" if maximize else "minimize",
        score=summary.score,
        split=summary.split,
        interval=summary.interval,
        rows=summary.rows,
        percentile=100 * (teams - rank) / teams if rank and teams else None,
        rank=rank,
        teams=teams,
        baseline=summary.baseline,
        findings=list(headline.findings),
        picture=CARD_PICTURE.as_posix() if CARD_PICTURE.exists() else None,
        links=Links(
            report=PAGE.as_posix(),
            code=state.origin or None,
            demo=DEMO.as_posix() if DEMO.exists() else None,
            model_card=MODEL_CARD.as_posix(),
        ),
        date=entry.time if entry else git("show", "--no-patch", "--format=%cI", "HEAD") or None,
        skills=summary.skills,
        name=metadata.name,
        description=metadata.description or None,
        authors=metadata.authors,
        license=metadata.license or None,
        competition=state.address or None,
        scores=summary.scores
        | {"public": entry.public if entry else None, "private": entry.private if entry else None},
        members=summary.members,
        seconds=state.seconds,
        commit=state.published_commit or None,
        data=state.data_hash or None,
        missing=state.missing(),
        cv_lines=lines,
    )
