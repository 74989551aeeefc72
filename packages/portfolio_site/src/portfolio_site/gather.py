"""Reads the projects' cards, from folders and from addresses, and keeps what it read in `cards/`.

A project that can't be read any more is shown as it was kept; one that never was is left out.
Folders are mostly on the author's machine alone: what is kept is what others, and CI, build from.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from portfolio_site import card as cards
from portfolio_site import pictures
from portfolio_site.addresses import https_address
from portfolio_site.card import Card, read_card
from portfolio_site.errors import Fault
from portfolio_site.fetch import fetch, is_there
from portfolio_site.files import write_if_changed
from portfolio_site.place import CARD, REPORTS, Place
from portfolio_site.settings import Source

KEPT = Path("cards")
_LARGEST_REPORT = 5_000_000


@dataclass(frozen=True)
class Project:
    """A project that is shown.

    Args:
        source: where it is.
        card: what is shown of it.
        text: the card as it was read.
        picture: of it as a WebP file, None if it has none.
        report: the page of a local project; one that is published is linked instead.
    """

    source: Source
    card: Card
    text: bytes
    picture: bytes | None
    report: bytes | None


@dataclass(frozen=True)
class Problem:
    """What is wrong with a project.

    Args:
        place: where the project is, as `projects.yaml` says.
        fault: what is wrong, and what to do.
        shown: what the site shows of it, in words.
    """

    place: str
    fault: Fault
    shown: str

    def __str__(self) -> str:
        return f"{self.place}: {self.fault} {self.shown}"


def gather(sources: Sequence[Source], folder: Path) -> tuple[list[Project], list[Problem]]:
    """Return the projects with unique slugs, in the order of `sources`, and what is wrong.

    Args:
        sources: where they are.
        folder: the portfolio's, which holds `cards/`.
    """
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda source: _read_or_fault(source, folder), sources))
    kept = {project.source.place: project for project in _read_kept(folder / KEPT)}
    projects: list[Project] = []
    problems: list[Problem] = []
    for source, (project, faults) in zip(sources, read, strict=True):
        if project is None and (old := kept.get(source.place)):
            project = replace(old, source=source)
            shown = "The saved card is shown."
        else:
            shown = "It is left out." if project is None else "The rest of it is shown."
        problems += [Problem(source.place, fault, shown) for fault in faults]
        if project:
            taken = {other.card.slug for other in projects}
            slug = next(name for name in _names(project.card.slug) if name not in taken)
            card = replace(project.card, slug=slug).with_links(source.links)
            projects.append(replace(project, card=card))
    _keep(projects, folder / KEPT)
    return projects, problems


def _names(slug: str) -> Iterator[str]:
    yield slug
    number = 2
    while True:
        yield f"{slug}-{number}"
        number += 1


def _read_or_fault(source: Source, folder: Path) -> tuple[Project | None, list[Fault]]:
    try:
        return _read_remote(source) if source.is_remote else _read_local(source, folder)
    except Fault as fault:
        return None, [fault]
    except OSError as error:
        return None, [Fault(f"It can't be read ({error.strerror}).", "Make it readable.")]


def _read_remote(source: Source) -> tuple[Project, list[Fault]]:
    address = source.place
    place = Place.of_address(address)
    text = fetch(address if address.endswith(".json") else place.reports + CARD, cards.LARGEST)
    card = read_card(text)

    def read_picture() -> bytes:
        return fetch(place.download(card.picture), pictures.LARGEST)

    picture, faults = _read_picture(card, read_picture)
    return Project(source, _link_files(card, place), text, picture, None), faults


def _read_local(source: Source, folder: Path) -> tuple[Project, list[Fault]]:
    root = folder / source.place
    file = root if root.suffix == ".json" else root / REPORTS / CARD
    if not file.is_file():
        name = source.place if file == root else f"{source.place}/{REPORTS}{CARD}"
        raise Fault(f"There is no file {name}.", "Run `uv run compete report` in that project.")
    if file == root:  # the project's folder, if the card lies where a project has it
        root = file.parent.parent if file.parent.name == REPORTS.rstrip("/") else file.parent
    text = _read_file(file, cards.LARGEST)
    card = read_card(text)

    def read_picture() -> bytes:
        found = (root / card.picture).resolve()
        if not found.is_relative_to(root.resolve()) or not found.is_file():
            raise Fault(
                f"Its picture {card.picture} is missing.",
                "Run `uv run compete report` in that project.",
            )
        return _read_file(found, pictures.LARGEST)

    picture, faults = _read_picture(card, read_picture)
    published = Place.of_repository(card.links.get("code", ""))
    card = _link_files(card, published) if published else card
    page = root / card.files.get("report", "")
    report = None
    if "report" not in card.links and page.is_file() and page.stat().st_size <= _LARGEST_REPORT:
        report = page.read_bytes()
    return Project(source, card, text, picture, report), faults


def _link_files(card: Card, place: Place) -> Card:
    """Return the card with links to those of its files that are shown at a place."""
    links = {name: place.link(path) for name, path in card.files.items()}
    report = links.get("report", "")
    if report and not is_there(report):
        return card  # it has no page, and a network that is not there is not asked again
    return card.with_links({name: to for name, to in links.items() if to and is_there(to)})


def _read_file(file: Path, limit: int) -> bytes:
    if file.stat().st_size > limit:
        raise Fault(f"{file.name} is larger than {limit:,} bytes.", "Write a smaller one.")
    return file.read_bytes()


def _read_picture(card: Card, read: Callable[[], bytes]) -> tuple[bytes | None, list[Fault]]:
    if not card.picture:
        return None, []
    try:
        return pictures.encode(pictures.reencode(read()), ".webp"), []
    except Fault as fault:
        return None, [fault]


def _keep(projects: Sequence[Project], folder: Path) -> None:
    """Write what was read, and remove what is shown no more."""
    for project in projects:
        place = folder / project.card.slug
        kept = {
            "source": project.source.place,
            "links": dict(project.card.links),
            "card": json.loads(project.text),
        }
        text = json.dumps(kept, indent=1, ensure_ascii=False) + "\n"
        write_if_changed(place / "card.json", text.encode("utf-8", "replace"))
        write_if_changed(place / "picture.webp", project.picture)
        write_if_changed(place / "report.html", project.report)
    shown = {project.card.slug for project in projects}
    for place in folder.glob("*/card.json"):
        if place.parent.name not in shown:
            shutil.rmtree(place.parent)


def _read_kept(folder: Path) -> Iterator[Project]:
    for file in sorted(folder.glob("*/card.json")):
        try:
            kept = json.loads(file.read_bytes())
            text = json.dumps(kept["card"]).encode()
            links = {name: https_address(to) for name, to in kept["links"].items()}
            card = read_card(text).with_links({name: to for name, to in links.items() if to})
            picture, report = file.with_name("picture.webp"), file.with_name("report.html")
            yield Project(
                Source(str(kept["source"])),
                card,
                text,
                picture.read_bytes() if picture.is_file() else None,
                report.read_bytes() if report.is_file() else None,
            )
        except (ValueError, KeyError, TypeError, AttributeError, Fault):
            continue  # edited by hand: it is written anew once the project is read again
