"""Fixtures: the end-to-end run whose report is tested, and a browser."""

from collections.abc import Callable

import pytest
from end_to_end import END_TO_END, EndToEndRun


@pytest.fixture(scope="session", params=["image", *END_TO_END])
def run(
    request: pytest.FixtureRequest, run_end_to_end: Callable[[str], EndToEndRun]
) -> EndToEndRun:
    """The end-to-end run of each task."""
    return run_end_to_end(request.param)
