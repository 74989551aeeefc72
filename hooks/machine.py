"""Checks the machine before the first question: Python, git and uv, present and new enough.

It must run on a Python that is too old, in order to say so: no syntax newer than Python 3.7.
"""

from __future__ import annotations

import re
import subprocess
import sys

PYTHON = (3, 11)
TOOLS = {
    "git": (
        (2, 28),
        "keeps the history of your project",
        "https://git-scm.com/downloads",
    ),
    "uv": (
        (0, 6),
        "installs Python packages",
        "https://docs.astral.sh/uv/getting-started/installation",
    ),
}


def version(program: str) -> tuple[int, int] | None:
    """Return the version that `program --version` prints, or None if it cannot be run."""
    try:
        text = subprocess.check_output([program, "--version"], stderr=subprocess.STDOUT, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"(\d+)\.(\d+)", text.decode("utf-8", "replace"))
    return (int(found.group(1)), int(found.group(2))) if found else None


def check_python() -> None:
    """Exit with a sentence if this Python cannot run the rest of this package."""
    if sys.version_info < PYTHON:
        sys.exit(
            "This Python is {}.{}, and the template needs {}.{} or newer. Get one from "
            "https://www.python.org/downloads and install cookiecutter in it, or let uv do both: "
            "uvx --python {}.{} cookiecutter".format(*sys.version_info[:2], *PYTHON, *PYTHON)
        )


def check_tools() -> None:
    """Print a note for each tool that is missing or too old."""
    for tool, (oldest, purpose, source) in TOOLS.items():
        found = version(tool)
        if found is None or found < oldest:
            state = "was not found" if found is None else "is too old ({}.{})".format(*found)
            print(
                "Note: {} {}. It {}. Your project is generated anyway; "
                "install {} {}.{} or newer later from {}".format(
                    tool, state, purpose, tool, *oldest, source
                ),
                flush=True,
            )
