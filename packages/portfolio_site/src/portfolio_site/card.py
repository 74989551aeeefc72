"""What the site shows of a project, read from its `reports/card.json` whatever wrote that."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from portfolio_site.addresses import LINKS, https_address, relative_file
from portfolio_site.errors import Fault
from portfolio_site.score import Score, read_score
from portfolio_site.skills import derive_skills
from portfolio_site.text import folder_name, mapping, plain, plain_lines

LARGEST = 500_000
_REMEDY = "Run `uv run compete report` in that project."


@dataclass(frozen=True)
class Card:
    """A project as it is shown. Every text is plain, every link an https address.

    Args:
        slug: its name in addresses.
        title: as a person would write it.
        task: kind of data or problem, in a word.
        description: its author's, in a sentence.
        problem: what was asked, in a sentence.
        result: what came out, in a sentence.
        score: None before there is one.
        findings: sentences.
        picture: the path of its picture in the project's folder; may be empty.
        links: addresses by name.
        files: paths in the project's folder by the same names, of what has no address yet.
        day: when it was last submitted or reported.
        skills: what it shows that its author can do.
        cv_lines: sentences for a CV.
    """

    slug: str
    title: str
    task: str
    description: str
    problem: str
    result: str
    score: Score | None
    findings: tuple[str, ...]
    picture: str
    links: Mapping[str, str]
    files: Mapping[str, str]
    day: date | None
    skills: tuple[str, ...]
    cv_lines: tuple[str, ...]

    def with_links(self, links: Mapping[str, str]) -> "Card":
        """Return the card with some links replaced."""
        return replace(self, links={**self.links, **links})


def read_card(text: bytes) -> Card:
    """Return the card in a file.

    Args:
        text: what the file holds. Engines before 0.3 wrote fewer facts, some in other places.

    Raises:
        Fault: it is no card.
    """
    try:
        card = json.loads(text)
    except (ValueError, RecursionError):
        raise Fault("Its card is not valid JSON.", _REMEDY) from None
    title = plain(card.get("title"), 120) if isinstance(card, dict) else ""
    if not title:
        raise Fault("Its card has no title.", _REMEDY)
    competition = mapping(card, "competition")
    links = {"report": card.get("page"), "code": card.get("repository"), **mapping(card, "links")}
    addresses = {name: https_address(links.get(name)) for name in LINKS}
    files = {name: relative_file(links.get(name)) for name in LINKS}
    lines = plain_lines(card.get("cv_lines"), 3)
    slug = card.get("slug") or competition.get("slug") or card.get("name")
    task = plain(card.get("task") or competition.get("problem"), 40).lower()
    return Card(
        slug=folder_name(plain(slug) or title),
        title=title,
        task=task or "other",
        description=plain(card.get("description")) or plain(card.get("problem")),
        problem=plain(card.get("problem")),
        result=plain(card.get("result")) or next(iter(lines), ""),
        score=read_score(card),
        findings=plain_lines(card.get("findings"), 3),
        picture=relative_file(card.get("picture")),
        links={name: address for name, address in addresses.items() if address},
        files={name: path for name, path in files.items() if path and not addresses[name]},
        day=_day(card),
        skills=plain_lines(card.get("skills"), 12) or derive_skills(task, card),
        cv_lines=lines,
    )


def _day(card: Mapping[str, Any]) -> date | None:
    text = plain(card.get("date") or mapping(card, "score").get("submitted"))
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
