"""What every page of ours must be: readable by assistive technology, within its window."""

import json
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def assert_no_serious_violation(page: Page) -> None:
    """Fail with what axe calls serious or critical on a page."""
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert serious == [], f"{page.url}: {json.dumps(serious, indent=1)[:3000]}"


def assert_no_scroll_sideways(page: Page) -> None:
    """Fail if a page is wider than its window."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


_FIRST_SCREEN = (
    "h1",
    ".problem",
    ".result",
    ".tiles .means",
    ".links a",
    ".findings li",
)


def assert_first_screen_fits(page: Page, height: int, picture: str = ".picture svg") -> None:
    """Fail if a report's title, score, meaning, picture and three findings need scrolling."""
    for selector in (*_FIRST_SCREEN, picture):
        places = page.locator(selector).all()
        assert places, selector
        for place in places:
            box = place.bounding_box()
            assert box is not None
            assert box["y"] >= 0
            assert box["y"] + box["height"] <= height, (selector, box)
    assert page.locator(".findings li").count() == 3


def window(size: tuple[int, int]) -> dict[str, Any]:
    """Return the options of a window of this width and height: upright in light, wide in dark."""
    width, height = size
    scheme = "light" if width < height else "dark"
    return {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
