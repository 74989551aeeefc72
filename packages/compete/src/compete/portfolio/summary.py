"""Writes the project in short: three lines for a CV, and `card.json` for other programs."""

from typing import Any

from compete.files import REPORTS, write_json, write_text
from compete.portfolio.project_state import ProjectState
from compete.portfolio.section import count


def write(state: ProjectState) -> None:
    """Write `cv.txt` and `card.json`."""
    lines = _cv_lines(state)
    write_text(REPORTS / "cv.txt", "".join(f"{line}\n" for line in lines))
    write_json(REPORTS / "card.json", _card(state) | {"cv_lines": lines})


def _cv_lines(state: ProjectState) -> list[str]:
    """Return three sentences that claim nothing that is not known."""
    address = f": {state.origin}" if state.origin else ""
    return [
        f"Kaggle competition {state.contract.slug}: {_leaderboard(state)}.",
        f"{_validation(state)}.",
        f"PyTorch Lightning and DVC, pinned and tested, reproducible with two commands{address}.",
    ]


def _leaderboard(state: ProjectState) -> str:
    entry = state.headline
    if entry is None:
        return "not submitted yet"
    text = f"{state.leaderboard_metric} {entry.public:.5f} on the public leaderboard"
    if entry.private is not None:
        text += f", {entry.private:.5f} on the private one"
    if entry.rank:
        text += f", rank {entry.rank} of {entry.teams}"
    return text


def _validation(state: ProjectState) -> str:
    if state.scores is None:
        return "Not validated yet"
    cv, members = state.scores.cv, len(state.scores.members)
    return (
        f"Cross-validated {cv.metric} {cv.score:.5f} (±{state.cv_std:.5f} over "
        f"{count(len(cv.folds), 'fold')}, {count(cv.rows, 'row')}), "
        f"{'one model' if members == 1 else f'a blend of {members} models'}"
    )


def _card(state: ProjectState) -> dict[str, Any]:
    """Return what other programs need to list the project."""
    contract, metadata, cv, entry = state.contract, state.metadata, state.cv, state.headline
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
            "url": f"https://www.kaggle.com/competitions/{contract.slug}",
            "problem": contract.problem,
            "metric": contract.metric,
            "maximize": contract.scoring.maximize,
            "leaderboard_metric": state.leaderboard_metric,
        },
        "score": {
            "cv": cv.score if cv else None,
            "cv_spread": state.cv_std if cv else None,
            "cv_folds": cv.folds if cv else None,
            "submitted": entry.time if entry else None,
            "public": entry.public if entry else None,
            "private": entry.private if entry else None,
            "rank": entry.rank if entry else None,
            "teams": entry.teams if entry else None,
        },
        "members": {
            name: {"score": member.score, "weight": member.weight}
            for name, member in (state.scores.members if state.scores else {}).items()
        },
        "seconds": state.seconds,
        "commit": state.published_commit or None,
        "data": state.data_hash or None,
        "missing": state.missing(),
        "page": "reports/index.html",
    }
