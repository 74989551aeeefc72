"""A portfolio's site in a real browser: on a phone and a desktop, light and dark."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_checks import assert_no_scroll_sideways, assert_no_serious_violation
from playwright.sync_api import Browser, BrowserContext, Page
from support import REPOSITORY

PAGES = ("index.html", "about.html", "projects/house-prices/index.html")
SCREENS = [(1366, 768, "light"), (1366, 768, "dark"), (390, 844, "light"), (390, 844, "dark")]
SCREENS += [(320, 568, "light")]


@pytest.fixture(params=SCREENS, ids=str)
def context(request: pytest.FixtureRequest, chrome: Browser) -> Iterator[BrowserContext]:
    """A window without a network."""
    width, height, scheme = request.param
    opened = chrome.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, offline=True
    )
    yield opened
    opened.close()


def test_it_is_built_in_ten_seconds_with_the_broken_project_named(built: Any) -> None:
    assert built.seconds < 10
    assert "warning: ../broken: Its card is not valid JSON." in built.said
    assert "2 of 3 projects" in built.said


def test_no_page_scrolls_sideways_asks_for_anything_or_has_serious_barriers(
    built: Any, context: BrowserContext
) -> None:
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda asked: said.append(asked.url))
    for name in PAGES:
        page.goto(built.address(name))
        assert_no_scroll_sideways(page)
        site = built.address("")
        assert [text for text in said if not text.startswith(site)] == []
        assert_no_serious_violation(page)
        said.clear()  # axe looks for style sheets in a way that the pages' own policy forbids


def shown(page: Page) -> list[str]:
    return page.locator(".card:visible h2").all_inner_texts()


def test_the_numbers_on_screen_are_those_of_the_cards(built: Any, chrome: Browser) -> None:
    page = chrome.new_page(viewport={"width": 1366, "height": 768})
    page.goto(built.address("index.html"))
    for title, value, text, standing in (
        ("Digit Recognizer", 0.99, "0.9900", "Top 2 %"),
        ("House Prices", 0.1234, "0.1234", "Top 3 %"),
    ):
        card = page.locator(".card", has_text=title)
        score = card.locator("data")
        assert float(score.get_attribute("value") or "") == value
        assert score.inner_text() == text
        assert standing in card.locator(".score").inner_text()
        box = score.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 768  # without scrolling
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    page.close()


def test_projects_are_filtered_by_task_and_sorted_by_standing(built: Any, chrome: Browser) -> None:
    page = chrome.new_page(viewport={"width": 390, "height": 844})
    page.goto(built.address("index.html"))
    assert shown(page) == ["Digit Recognizer", "House Prices"]  # the newest first
    page.get_by_role("button", name="Tables").click()
    assert shown(page) == ["House Prices"]
    assert page.get_by_role("button", name="Tables").get_attribute("aria-pressed") == "true"
    assert page.get_by_role("status").inner_text() == "1 of 2 projects are shown"
    page.get_by_role("button", name="All").click()
    page.get_by_label("Sort by").select_option("standing")
    assert shown(page) == ["Digit Recognizer", "House Prices"]
    page.locator(".card").first.evaluate("card => card.dataset.standing = 50")
    page.get_by_label("Sort by").select_option("date")
    page.get_by_label("Sort by").select_option("standing")
    assert shown(page) == ["House Prices", "Digit Recognizer"]
    page.get_by_label("Sort by").select_option("date")
    assert shown(page) == ["Digit Recognizer", "House Prices"]
    page.close()


def test_without_javascript_every_project_is_there_and_nothing_that_does_not_work(
    built: Any, chrome: Browser
) -> None:
    context = chrome.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(built.address("index.html"))
    assert shown(page) == ["Digit Recognizer", "House Prices"]
    assert not page.locator(".tools").is_visible()
    page.locator(".card h2 a").first.click()
    assert page.locator("h1").inner_text() == "Digit Recognizer"
    page.get_by_role("link", name="Report").click()
    assert page.locator("h1").inner_text() == "Report"
    context.close()


def test_a_picture_of_the_site_is_taken_by_a_command(
    built: Any, chrome: Browser, tmp_path: Path
) -> None:
    picture = tmp_path / "portfolio.png"
    command = [sys.executable, REPOSITORY / "examples/screenshot.py", built.folder, picture]
    subprocess.run(command, check=True)
    assert picture.read_bytes().startswith(b"\x89PNG")
