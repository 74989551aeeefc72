"""Writes the project in short: three lines for a CV, and `card.json` for other programs."""

from dataclasses import dataclass
from typing import Any

from compete.files import REPORTS, write_json, write_text
from compete.portfolio.project_state import ProjectState


@dataclass(frozen=True)
class Summary:
    """What is said of the project in short.

    Args:
        leaderboard: what it is for, and how well it does there, in a phrase.
        validation: how well it does otherwise, in a phrase.
        tools: what it is made with.
        problem: the kind of problem.
        scores: by name, other than the leaderboard's.
        members: each with its numbers by name.
    """

    leaderboard: str
    validation: str
    tools: str
    problem: str
    scores: dict[str, Any]
    members: dict[str, dict[str, Any]]


def write(state: ProjectState, summary: Summary) -> None:
    """Write `cv.txt` and `card.json`."""
    lines = _cv_lines(state, summary)
    write_text(REPORTS / "cv.txt", "".join(f"{line}\n" for line in lines))
    write_json(REPORTS / "card.json", _card(state, summary) | {"cv_lines": lines})


def _cv_lines(state: ProjectState, summary: Summary) -> list[str]:
    """Return three sentences that claim nothing that is not known."""
    address = f": {state.origin}" if state.origin else ""
    return [
        f"{summary.leaderboard}.",
        f"{summary.validation}.",
        f"{summary.tools}, pinned and tested, reproducible with two commands{address}.",
    ]


def _card(state: ProjectState, summary: Summary) -> dict[str, Any]:
    """Return what other programs need to list the project."""
    contract, metadata, entry = state.contract, state.metadata, state.headline
    return {
        "schema": 1,
        "name": metadata.name,
        "title": contract.title,
        "description": metadata.description or None,
        "authors": metadata.authors,
        "license": metadata.license or None,
        "repository": state.origin or None,
        "competition": {
            "slug": contract.slug,
            "url": state.address or None,
            "problem": summary.problem,
            "metric": state.metric,
            "maximize": state.maximize,
            "leaderboard_metric": state.leaderboard_metric,
        },
        "score": summary.scores
        | {
            "submitted": entry.time if entry else None,
            "public": entry.public if entry else None,
            "private": entry.private if entry else None,
            "rank": entry.rank if entry else None,
            "teams": entry.teams if entry else None,
        },
        "members": summary.members,
        "seconds": state.seconds,
        "commit": state.published_commit or None,
        "data": state.data_hash or None,
        "missing": state.missing(),
        "page": "reports/index.html",
    }
