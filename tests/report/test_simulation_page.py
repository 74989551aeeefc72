"""The report of an agent in a real browser: its game is played by mouse and by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_checks import (
    assert_first_screen_fits,
    assert_no_scroll_sideways,
    assert_no_serious_violation,
    window,
)
from playwright.sync_api import Browser, Page
from simulation_project import MOVES, finish_project, write_report

pytest.importorskip("kaggle_environments")
DRAWN = (
    "document.querySelectorAll('.chart svg').length == document.querySelectorAll('.chart').length"
)
SEEN = (
    "[...document.querySelectorAll('[data-move]')]"
    ".filter(stone => getComputedStyle(stone).visibility == 'visible').length"
)
PROJECT = '[project]\nname = "some-project"\nversion = "0.1.0"\ndescription = "Some"\n'


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the page of a finished project."""
    folder = tmp_path_factory.mktemp("agent")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("pyproject.toml").write_text(PROJECT, encoding="utf-8")
        write_report(finish_project())
    return (folder / "reports/index.html").as_uri()


@pytest.fixture(params=[(360, 800), (1366, 768)], ids=str)
def opened(request: pytest.FixtureRequest, address: str, chrome: Browser) -> Iterator[Page]:
    """The page with its charts drawn; it must print nothing."""
    context = chrome.new_context(**window(request.param), offline=True)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    page.wait_for_function(DRAWN)
    yield page
    assert said == []
    context.close()


def test_the_page_is_accessible_and_nothing_scrolls_sideways(opened: Page) -> None:
    assert opened.locator(".chart").count() == 4  # ladder twice, leaderboard, training
    assert_no_scroll_sideways(opened)
    width = opened.evaluate("window.innerWidth")
    for board in opened.locator("#replay svg, #errors svg").all():
        box = board.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 48
        assert box["x"] + box["width"] <= width
    assert_no_serious_violation(opened)
    if width == 1366:
        assert_first_screen_fits(opened, 768)


def test_a_game_is_stepped_through_with_buttons_and_keys(opened: Page) -> None:
    replay, state = opened.locator(".replay"), opened.locator(".replay [aria-live]")
    assert opened.evaluate(SEEN) == len(MOVES)
    assert state.inner_text().endswith("agent wins.")
    replay.get_by_role("button", name="Start").click()
    assert (opened.evaluate(SEEN), state.inner_text()) == (0, "The board is empty.")
    replay.get_by_role("button", name="Next").press("Enter")
    assert opened.evaluate(SEEN) == 1
    assert state.inner_text() == "Move 1: agent (blue) in column 4."
    slider = replay.get_by_role("slider", name="Move")
    slider.press("ArrowRight")
    assert opened.evaluate(SEEN) == 2
    replay.get_by_role("button", name="Back").press("Space")
    assert opened.evaluate(SEEN) == 1
    assert slider.input_value() == "1"
    slider.press("End")
    assert opened.evaluate(SEEN) == len(MOVES)


def test_a_game_plays_and_is_paused(opened: Page) -> None:
    play = opened.locator(".replay [data-to=play]")
    play.press("Enter")  # from the end it begins anew
    assert play.inner_text() == "Pause"
    opened.wait_for_function(f"{SEEN} == 2")
    play.press("Enter")
    assert play.inner_text() == "Play"
    stopped = opened.evaluate(SEEN)
    opened.wait_for_timeout(1000)
    assert opened.evaluate(SEEN) == stopped < len(MOVES)
    play.click()
    opened.wait_for_function(f"{SEEN} == {len(MOVES)}")
    assert play.inner_text() == "Play"
