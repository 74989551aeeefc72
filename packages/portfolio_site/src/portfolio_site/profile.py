"""Writes what goes elsewhere: a README for the author's profile on GitHub, and lines for a CV."""

from collections.abc import Sequence
from pathlib import Path

from portfolio_site.card import Card
from portfolio_site.files import write_if_changed
from portfolio_site.gather import Project
from portfolio_site.settings import Settings
from portfolio_site.site import skills
from portfolio_site.text import escape_markdown

PROFILE = Path("profile")
_MOST = 6  # projects in the README


def write_profile(settings: Settings, projects: Sequence[Project], folder: Path) -> None:
    """Write `profile/README.md`, for github.com/<user>/<user>, and `profile/cv.txt`.

    Args:
        settings: whose profile it is.
        projects: what it names, best first.
        folder: the portfolio's.
    """
    cv = "\n".join(
        "".join(f"{line}\n" for line in [project.card.title, *cv_lines(project.card)])
        for project in projects
    )
    for name, text in {"README.md": _readme(settings, projects), "cv.txt": cv}.items():
        write_if_changed(folder / PROFILE / name, text.encode())


def cv_lines(card: Card) -> list[str]:
    """Return three sentences for a CV, fewer if the card has too little for them."""
    score = card.score
    parts = [score.where, score.standing] if score else []
    measured = ", ".join(part for part in parts if part)
    made = [
        card.description,
        f"{score.metric[0].upper()}{score.metric[1:]} {score.shown} ({measured})." if score else "",
        f"{', '.join(card.skills)}." if card.skills else "",
    ]
    return list(card.cv_lines) or [line for line in made if line]


def _readme(settings: Settings, projects: Sequence[Project]) -> str:
    links = {"All projects": settings.url, **settings.links}
    lines = [
        f"# {escape_markdown(settings.name)}",
        "",
        escape_markdown(settings.headline),
        "",
        " · ".join(f"[{escape_markdown(name)}](<{to}>)" for name, to in links.items()),
        "",
        "| project | description | score |",
        "|---|---|---|",
    ]
    for project in projects[:_MOST]:
        card, score = project.card, project.card.score
        page = f"{settings.url}projects/{card.slug}/"
        said = (
            [f"{escape_markdown(score.metric)} **{score.shown}**", score.standing] if score else []
        )
        shown = ", ".join(part for part in said if part)
        what = escape_markdown(card.description)
        lines.append(f"| [{escape_markdown(card.title)}](<{page}>) | {what} | {shown} |")
    names = [escape_markdown(skill) for skill, _ in skills(projects)]
    if names:
        lines += ["", f"Skills: {', '.join(names)}."]
    return "\n".join([*lines, ""])
