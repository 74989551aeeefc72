"""Takes a picture of a project's report: `python examples/screenshot.py PROJECT PICTURE`."""

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
    """The Chromium or Chrome of this machine."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """It, without a window."""
    with sync_playwright() as playwright:
        root = hasattr(os, "geteuid") and os.geteuid() == 0  # who may not use its sandbox
        flags = ["--no-sandbox"] if root else []
        started = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield started
        started.close()


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description="A picture of a project's report.")
    parser.add_argument("project", type=Path, help="the folder of a project with reports/")
    parser.add_argument("picture", type=Path, help="the PNG file to write")
    parser.add_argument("--chapter", default="", help="where the picture begins, such as errors")
    options = parser.parse_args()
    page_file = (options.project / "reports/index.html").resolve()
    if not page_file.exists():
        sys.exit(f"error: {page_file} is missing. Run `uv run compete report` in that project.")
    if not chromium():
        sys.exit("error: There is no Chromium or Chrome here. Install one (apt: chromium).")
    with browser() as started:
        page = started.new_page(viewport={"width": 960, "height": 1100})
        page.goto(f"{page_file.as_uri()}#{options.chapter}")
        page.wait_for_function(
            "document.querySelectorAll('.chart svg').length =="
            " document.querySelectorAll('.chart').length"
        )
        page.screenshot(path=options.picture)


if __name__ == "__main__":
    main()
