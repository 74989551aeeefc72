"""Take a screenshot of a project's report: `python examples/screenshot.py PROJECT IMAGE`."""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

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


def main() -> None:
    """Take a screenshot as the command line says."""
    parser = argparse.ArgumentParser(description="Take a screenshot of a project's report.")
    parser.add_argument("project", type=Path, help="the folder of a project with reports/")
    parser.add_argument("image", type=Path, help="the PNG file to write")
    parser.add_argument("--chapter", default="", help="the chapter at the top, such as errors")
    options = parser.parse_args()
    page_file = (options.project / "reports/index.html").resolve()
    if not page_file.exists():
        sys.exit(f"error: {page_file} is missing. Run `uv run compete report` in that project.")
    if not chromium():
        sys.exit("error: There is no Chromium or Chrome here. Install one (apt: chromium).")
    with browser() as started:
        page = started.new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"{page_file.as_uri()}#{options.chapter}")
        page.wait_for_function(
            "document.querySelectorAll('.chart svg').length =="
            " document.querySelectorAll('.chart').length"
        )
        page.screenshot(path=options.image)


if __name__ == "__main__":
    main()
