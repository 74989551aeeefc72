"""Take a screenshot of a project's report, or of a portfolio's site.

uv run python examples/screenshot.py PROJECT IMAGE
"""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

# What is shown of a folder, and the size of the window.
PAGES = {"reports/index.html": (1366, 768), "site/index.html": (1280, 900)}
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def chromium() -> str | None:
    """Return the path of this machine's Chromium or Chrome, None if there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """Yield this machine's Chromium or Chrome, without a window."""
    with sync_playwright() as playwright:
        root = hasattr(os, "geteuid") and os.geteuid() == 0  # may not use the browser's sandbox
        flags = ["--no-sandbox"] if root else []
        started = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield started
        started.close()


def take_demo(page_file: Path, image: Path) -> None:
    """Take a screenshot of a demo, with its first example chosen."""
    if not page_file.exists():
        sys.exit(f"error: {page_file} is missing. Run `uv run compete export` in that project.")
    if not chromium():
        sys.exit("error: There is no Chromium or Chrome here. Install one (apt: chromium).")
    with browser() as started:
        page = started.new_page(viewport={"width": 1366, "height": 768})
        page.goto(page_file.resolve().as_uri())
        page.wait_for_function("document.body.dataset.ready == 'yes'", timeout=120_000)
        examples = page.locator("#examples button")
        examples.first.click()
        page.locator("#result .answer").wait_for()
        page.wait_for_timeout(500)  # the bars grow
        page.screenshot(path=image)


def main() -> None:
    """Take a screenshot as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("project", type=Path, help="a folder with reports/ or site/")
    parser.add_argument("image", type=Path, help="the PNG file to write")
    parser.add_argument("--chapter", default="", help="the chapter at the top, such as errors")
    parser.add_argument("--demo", action="store_true", help="of the demo, with an example chosen")
    options = parser.parse_args()
    if options.demo:
        take_demo(options.project / "reports/demo/index.html", options.image)
        return
    found = [page for page in PAGES if (options.project / page).exists()]
    if not found:
        sys.exit(
            f"error: {options.project} has no page. Run `uv run compete report` there, "
            "or `uv run portfolio build` in a portfolio."
        )
    page_file = (options.project / found[0]).resolve()
    width, height = PAGES[found[0]]
    if not chromium():
        sys.exit("error: There is no Chromium or Chrome here. Install one (apt: chromium).")
    with browser() as started:
        page = started.new_page(viewport={"width": width, "height": height})
        page.goto(f"{page_file.as_uri()}#{options.chapter}")
        page.wait_for_function(
            "document.querySelectorAll('.chart svg').length =="
            " document.querySelectorAll('.chart').length"
        )
        page.wait_for_function(
            "[...document.images].every((image) => image.complete"
            " || image.getBoundingClientRect().top > innerHeight)"
        )
        page.screenshot(path=options.image)


if __name__ == "__main__":
    main()
