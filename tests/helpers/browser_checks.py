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


def window(size: tuple[int, int]) -> dict[str, Any]:
    """Return the options of a window of this width and height: upright in light, wide in dark."""
    width, height = size
    scheme = "light" if width < height else "dark"
    return {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
