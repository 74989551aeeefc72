"""Writes the site: pages, feeds and pictures, from Jinja templates that the author may replace."""

import io
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markdown_it import MarkdownIt
from markupsafe import Markup
from PIL import Image

from portfolio_site import pictures
from portfolio_site.errors import Fault
from portfolio_site.files import atomic_folder
from portfolio_site.gather import Project
from portfolio_site.settings import Settings

SITE = Path("site")
ABOUT = Path("about.md")
TEMPLATES = Path("templates")  # the author's, in place of ours of the same name
STATIC = Path("static")  # the author's: a portrait, say
_OURS = Path(__file__).parent / "templates"
_AS_THEY_ARE = ("site.css", "site.js", "theme.css", "icon.svg")
# Long words for the kinds of tasks; any other is shown as the card calls it.
TASKS = {
    "image": "Images",
    "tabular": "Tables",
    "text": "Text",
    "translation": "Translation",
    "simulation": "Agents",
    "generative": "Generative",
}


def build_site(settings: Settings, projects: Sequence[Project], folder: Path) -> Path:
    """Write the site whole or not at all, and return its first page.

    Args:
        settings: whose site it is.
        projects: what it shows.
        folder: the portfolio's.

    Raises:
        Fault: `about.md` or a template of the author's is broken.
    """
    newest_first = sorted(projects, key=_age)
    with atomic_folder(folder / SITE) as site:
        writer = _Writer(settings, newest_first, folder, site)
        writer.write_pages()
        writer.write_pictures()
        if (folder / STATIC).is_dir():
            shutil.copytree(folder / STATIC, site, dirs_exist_ok=True)
    return folder / SITE / "index.html"


def _age(project: Project) -> tuple[int, str]:
    day = project.card.day
    return (-day.toordinal() if day else 0, project.card.title)


def skills(projects: Sequence[Project]) -> list[tuple[str, list[Project]]]:
    """Return each skill with the projects that show it, the most shown first."""
    by_skill: dict[str, list[Project]] = {}
    names: dict[str, str] = {}  # some write a technique with a capital letter
    for project in projects:
        for skill in dict.fromkeys(project.card.skills):
            name = names.setdefault(skill.lower(), skill)
            by_skill.setdefault(name, []).append(project)
    return sorted(by_skill.items(), key=lambda item: -len(item[1]))


class _Writer:
    def __init__(
        self, settings: Settings, projects: Sequence[Project], folder: Path, site: Path
    ) -> None:
        self.settings, self.projects = settings, projects
        self.folder, self.site = folder, site
        loader = FileSystemLoader([folder / TEMPLATES, _OURS])
        self.jinja = Environment(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self.jinja.filters |= {"day": _day, "rfc822": _rfc822, "task": _task}
        days = [project.card.day for project in projects if project.card.day]
        self.shared: dict[str, Any] = {
            "me": settings,
            "projects": projects,
            "tasks": Counter(project.card.task for project in projects).most_common(),
            "skills": skills(projects),
            "updated": max(days, default=None),
        }

    def write_pages(self) -> None:
        about = self._about()
        self._render("index.html", "index.html.jinja")
        self._render("about.html", "about.html.jinja", about=about)
        self._render("feed.xml", "feed.xml.jinja")
        self._render("sitemap.xml", "sitemap.xml.jinja")
        for project in self.projects:
            place = f"projects/{project.card.slug}/index.html"
            self._render(place, "project.html.jinja", project=project, root="../../")
            if project.report:
                (self.site / place).with_name("report.html").write_bytes(project.report)
        for name in _AS_THEY_ARE:
            own = self.folder / TEMPLATES / name
            shutil.copyfile(own if own.is_file() else _OURS / name, self.site / name)

    def write_pictures(self) -> None:
        me = self.settings
        for project in self.projects:
            card, opened = project.card, None
            if project.picture:
                self._write(f"pictures/{card.slug}.webp", project.picture)
                opened = Image.open(io.BytesIO(project.picture)).convert("RGB")
            score = card.score
            said = f"{score.metric}, {score.standing or score.where}" if score else ""
            number = score.shown if score else ""
            picture = pictures.link_picture(card.title, [me.name], number, said, opened)
            self._write(f"links/{card.slug}.png", pictures.encode(picture, ".png"))
        names = " · ".join(project.card.title for project in self.projects)
        picture = pictures.link_picture(me.name, [me.headline, names], "", "", None)
        self._write("links/site.png", pictures.encode(picture, ".png"))

    def _about(self) -> Markup:
        """Return the author's words about themselves as HTML, without raw HTML and comments."""
        try:
            text = (self.folder / ABOUT).read_text(encoding="utf-8")
        except FileNotFoundError:
            text = ""
        except UnicodeDecodeError:
            raise Fault(f"{ABOUT} is not UTF-8.", "Save it as UTF-8.") from None
        text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)  # the hint that the template wrote
        return Markup(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))

    def _render(self, place: str, template: str, root: str = "", **values: Any) -> None:
        try:
            page = self.jinja.get_template(template).render(**self.shared, **values, root=root)
        except TemplateError as error:
            where = f"{TEMPLATES}/{getattr(error, 'name', None) or template}"
            raise Fault(
                f"{where} can't be rendered: {error}.", "Fix it, or delete it to get ours."
            ) from None
        self._write(place, page.encode())

    def _write(self, place: str, data: bytes) -> None:
        file = self.site / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def _day(value: date) -> str:
    """Return a day as `26 November 2026`, whatever the language of the machine."""
    months = "January February March April May June July August September October November December"
    return f"{value.day} {months.split()[value.month - 1]} {value.year}"


def _rfc822(value: date) -> str:
    return format_datetime(datetime.combine(value, time(), UTC))


def _task(value: str) -> str:
    return TASKS.get(value, value.capitalize())
