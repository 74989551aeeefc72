"""One demonstration for all tests of this folder: interrupted once, then gone on with."""

import os

import pytest

from .demonstration import QUICK, Demonstration, interrupt_demo, run_demo


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """A finished demonstration. It is shared: a test leaves its project as it found it."""
    folder = tmp_path_factory.mktemp("demonstration")
    # Windows has no Ctrl-C that reaches a group of processes and not us.
    interrupted = "" if os.name == "nt" else interrupt_demo("> compete train", folder, *QUICK)
    done = run_demo(folder, *QUICK)
    assert done.returncode == 0, f"{interrupted}\n---\n{done.stdout}"
    return Demonstration(folder, interrupted, done.stdout)
