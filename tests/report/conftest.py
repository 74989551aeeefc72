"""Fixtures: the journey whose report is looked at, and a browser."""

from collections.abc import Callable, Iterator

import pytest
from journeys import JOURNEYS, Journey
from playwright.sync_api import Browser
from screenshot import browser, chromium


@pytest.fixture(scope="session", params=["image", *JOURNEYS])
def journey(request: pytest.FixtureRequest, travel: Callable[[str], Journey]) -> Journey:
    """The journey of every task that there is."""
    return travel(request.param)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """The Chromium or Chrome of this machine."""
    if not chromium():
        pytest.skip("There is no Chromium or Chrome on this machine to open the page with.")
    with browser() as started:
        yield started
