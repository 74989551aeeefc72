"""Fixtures: the end-to-end run whose report is tested, and a browser."""

from collections.abc import Callable, Iterator

import pytest
from end_to_end import END_TO_END, EndToEndRun
from playwright.sync_api import Browser
from screenshot import browser, chromium


@pytest.fixture(scope="session", params=["image", *END_TO_END])
def run(
    request: pytest.FixtureRequest, run_end_to_end: Callable[[str], EndToEndRun]
) -> EndToEndRun:
    """The end-to-end run of each task."""
    return run_end_to_end(request.param)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """The Chromium or Chrome of this machine."""
    if not chromium():
        pytest.skip("There is no Chromium or Chrome on this machine to open the page with.")
    with browser() as started:
        yield started
