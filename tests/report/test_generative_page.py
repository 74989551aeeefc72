"""The report of generated images in a real browser: its animation pauses, and prints as a still."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_checks import (
    assert_first_screen_fits,
    assert_no_scroll_sideways,
    assert_no_serious_violation,
    window,
)
from generative_project import FRAMES, finish_project, write_report
from playwright.sync_api import Browser, Page

DRAWN = (
    "document.querySelectorAll('.chart svg').length == document.querySelectorAll('.chart').length"
)
PROJECT = '[project]\nname = "some-project"\nversion = "0.1.0"\ndescription = "Some"\n'
FRAME = "getComputedStyle(document.querySelector('.animation > div')).backgroundPositionY"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the page of a finished project."""
    folder = tmp_path_factory.mktemp("images")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("pyproject.toml").write_text(PROJECT, encoding="utf-8")
        write_report(finish_project())
    return (folder / "reports/index.html").as_uri()


@pytest.fixture
def opened(request: pytest.FixtureRequest, address: str, chrome: Browser) -> Iterator[Page]:
    """The page with its charts drawn, on a telephone unless told otherwise; it prints nothing."""
    context = chrome.new_context(**window(getattr(request, "param", (360, 800))), offline=True)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    page.wait_for_function(DRAWN)
    yield page
    assert said == []
    context.close()


@pytest.mark.parametrize("opened", [(360, 800), (1366, 768)], indirect=True, ids=str)
def test_the_page_is_accessible_and_nothing_scrolls_sideways(opened: Page) -> None:
    assert opened.locator(".chart").count() == 4  # distance, augmentation, losses, leaderboard
    assert opened.locator(".sheet img").count() == 4  # and the samples of the first screen
    assert_no_scroll_sideways(opened)
    assert_no_serious_violation(opened)
    if opened.evaluate("window.innerWidth") == 1366:
        assert_first_screen_fits(opened, 768, ".picture img")


def test_the_animation_shows_each_frame_and_stands_still_when_it_is_paused(opened: Page) -> None:
    opened.evaluate("document.querySelector('.animation > div').getAnimations()[0].pause(), 0")
    seen = {
        opened.evaluate(
            f"moment => {{ const moving = document.querySelector('.animation > div')"
            f".getAnimations()[0]; moving.currentTime = moment; return {FRAME}; }}",
            8000 * (frame + 0.5) / FRAMES,
        )
        for frame in range(FRAMES)
    }
    assert len(seen) == FRAMES
    assert {"0%", "100%"} <= seen
    opened.reload()
    assert (
        opened.evaluate("document.querySelector('.animation > div').getAnimations()[0].playState")
        == "running"
    )
    opened.get_by_label("Pause").check()
    assert (
        opened.evaluate("document.querySelector('.animation > div').getAnimations()[0].playState")
        == "paused"
    )


@pytest.mark.parametrize("media", [{"media": "print"}, {"reduced_motion": "reduce"}], ids=str)
def test_a_still_stands_for_it_in_print_and_where_motion_is_not_wanted(
    opened: Page, media: dict[str, str]
) -> None:
    moving, still = opened.locator(".animation > div"), opened.locator(".animation img")
    assert (moving.is_visible(), still.is_visible()) == (True, False)
    opened.emulate_media(**media)  # type: ignore[arg-type]
    assert (moving.is_visible(), still.is_visible()) == (False, True)
