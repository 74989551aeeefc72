"""The site: whole, linked, the same each time, and what goes elsewhere beside it."""

import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest
from PIL import Image
from project_cards import NEW_CARD, OLD_CARD, write_project

from portfolio_site.cli import build
from portfolio_site.errors import Fault

Portfolio = Callable[..., Path]
HOSTILE = '</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"]]>&'
SITE = "https://ada.github.io/portfolio/"


@pytest.fixture
def built(tmp_path: Path, portfolio: Portfolio) -> Path:
    """The site of two good projects and a broken one."""
    write_project(tmp_path / "prices", NEW_CARD)
    write_project(tmp_path / "digits", OLD_CARD | {"title": HOSTILE})
    write_project(tmp_path / "broken", "{")
    return build(portfolio("../prices", "../broken", "../digits")).parent


class _Tags(HTMLParser):
    """The start tags of a page, with their attributes."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_link_leads_to_a_file_of_the_site_or_to_an_https_address(built: Path) -> None:
    pages = [*built.rglob("index.html"), built / "about.html"]
    assert len(pages) == 4
    for page in pages:
        here = page.as_uri()
        links = [
            value
            for _, attributes in _Tags(page).found
            for name, value in attributes.items()
            if name in ("href", "src") and value
        ]
        assert len(links) > 5
        for link in links:
            target = urljoin(here, link.partition("#")[0])
            local = built / target.removeprefix(built.as_uri()).lstrip("/")
            assert link.startswith("https://") or local.is_file(), link


def test_hostile_text_stays_text(built: Path) -> None:
    for page in built.rglob("*.html"):
        tags = [tag for tag, _ in _Tags(page).found]
        assert tags.count("script") == (page == built / "index.html")
        assert not [
            name for _, attributes in _Tags(page).found for name in attributes if name[:2] == "on"
        ]
    assert "{{ 7 * 7 }}" in (built / "index.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in (built / "about.html").read_text(encoding="utf-8")


def test_the_feed_and_the_map_are_valid_and_name_every_project(built: Path) -> None:
    addresses = {f"{SITE}projects/{slug}/" for slug in ("house-prices", "digit-recognizer")}
    channel = ElementTree.parse(built / "feed.xml").getroot().find("channel")
    assert channel is not None
    items = channel.findall("item")
    assert {item.findtext("link") for item in items} == addresses
    assert items[0].findtext("title") == HOSTILE
    assert items[0].findtext("pubDate") == "Thu, 26 Nov 2026 00:00:00 +0000"
    name = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    found = ElementTree.parse(built / "sitemap.xml").getroot().findall(f"{name}url/{name}loc")
    assert {place.text for place in found} == addresses | {SITE, f"{SITE}about.html"}


def test_each_page_has_a_picture_for_links_to_it(built: Path) -> None:
    for page in [*built.rglob("index.html"), built / "about.html"]:
        meta = [attributes for tag, attributes in _Tags(page).found if tag == "meta"]
        [address] = [one["content"] for one in meta if one.get("property") == "og:image"]
        assert address is not None
        assert address.startswith(SITE)
        assert Image.open(built / address.removeprefix(SITE)).size == (1200, 630)


def test_the_newest_project_comes_first_and_all_are_there_without_a_script(built: Path) -> None:
    tags = _Tags(built / "index.html").found
    cards = [attributes for tag, attributes in tags if attributes.get("class") == "card"]
    assert [card["data-date"] for card in cards] == ["2026-11-26", "2026-11-20"]
    assert not any("hidden" in card for card in cards)
    [tools] = [attributes for _, attributes in tags if attributes.get("class") == "tools"]
    assert "hidden" in tools


def test_the_same_projects_give_the_same_site(built: Path) -> None:
    before = files(built)
    build(built.parent)
    assert files(built) == before


def test_skills_are_told_with_the_projects_that_show_them(built: Path) -> None:
    about = (built / "about.html").read_text(encoding="utf-8")
    assert about.lower().index("ensembling") < about.index("CatBoost")  # two projects, and one
    assert "<em>count</em>" in about
    assert "hint" not in about


def test_what_goes_elsewhere_names_the_projects_and_escapes_them(built: Path) -> None:
    profile = (built.parent / "profile/README.md").read_text(encoding="utf-8")
    assert f"[House Prices](<{SITE}projects/house-prices/>)" in profile
    assert "RMSLE **0.1234**, top 3 %" in profile
    assert "\\<img src" in profile
    lines = (built.parent / "profile/cv.txt").read_text(encoding="utf-8").split("\n\n")
    assert [len(part.strip().splitlines()) for part in lines] == [4, 4]


def test_the_author_s_templates_and_files_take_the_place_of_ours(built: Path) -> None:
    folder = built.parent
    (folder / "templates").mkdir()
    (folder / "static").mkdir()
    (folder / "templates/about.html.jinja").write_text("Mine: {{ me.name }}", encoding="utf-8")
    (folder / "templates/theme.css").write_text(":root {}", encoding="utf-8")
    (folder / "static/me.jpg").write_bytes(b"portrait")
    build(folder)
    assert (built / "about.html").read_text(encoding="utf-8") == "Mine: Ada Lovelace"
    assert (built / "theme.css").read_text(encoding="utf-8") == ":root {}"
    assert (built / "me.jpg").read_bytes() == b"portrait"


@pytest.mark.parametrize("text", ["{% if %}", "{{ no_such_name }}", "{% include 'none' %}"])
def test_a_broken_template_is_named_and_the_old_site_stays(built: Path, text: str) -> None:
    (built.parent / "templates").mkdir()
    (built.parent / "templates/about.html.jinja").write_text(text, encoding="utf-8")
    before = files(built)
    with pytest.raises(Fault, match=r"templates/.* can't be rendered"):
        build(built.parent)
    assert files(built) == before
    assert [path.name for path in built.parent.glob(".*")] == []


def run(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    import os

    command = [sys.executable, "-m", "portfolio_site", "build"]
    env = os.environ | {"GITHUB_ACTIONS": "", "PYTHONUTF8": "1"} | variables
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, encoding="utf-8")


def test_the_command_names_what_is_left_out_and_builds_the_rest(
    tmp_path: Path, portfolio: Portfolio
) -> None:
    write_project(tmp_path / "prices", NEW_CARD)
    folder = portfolio("../prices", "../missing")
    done = run(folder, GITHUB_ACTIONS="true")
    assert done.returncode == 0
    assert done.stderr.startswith(
        "warning: ../missing: There is no file ../missing/reports/card.json."
    )
    annotation, last = done.stdout.splitlines()
    assert annotation.startswith("::warning file=projects.yaml::../missing: ")
    assert last == f"1 of 2 projects: {folder / 'site' / 'index.html'}"


@pytest.mark.parametrize(
    ("projects", "said"),
    [(["../missing"], "error: None of the projects can be read."), ([7], "error: projects.yaml")],
)
def test_the_command_fails_with_a_sentence(
    portfolio: Portfolio, projects: list[Any], said: str
) -> None:
    done = run(portfolio(*projects))
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_portfolio_without_projects_is_a_site_that_says_so(portfolio: Portfolio) -> None:
    page = build(portfolio())
    assert "There are no projects yet" in page.read_text(encoding="utf-8")


def test_names_that_the_template_left_are_told(portfolio: Portfolio) -> None:
    folder = portfolio(
        name="Your Name",
        url="https://your-username.github.io/portfolio/",
        links={"GitHub": "https://github.com/your-username"},
    )
    assert run(folder).stderr.splitlines() == [
        "warning: projects.yaml still says 'Your Name'. Replace it with yours.",
        "warning: projects.yaml still says 'your-username'. Replace it with yours.",
    ]
    assert run(portfolio()).stderr == ""
