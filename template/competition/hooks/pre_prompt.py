"""Looks at the machine before the first question: Python, git and uv, present and new enough.

It must run on a Python that is too old, in order to say so: no syntax newer than Python 3.6.
It lies beside this template and not in the root: from there cookiecutter would copy the whole
repository, its environments included, before it asked anything, and never remove the copy.
"""

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
        "https://docs.astral.sh/uv (or: python -m pip install uv)",
    ),
}


def version(program: str) -> "tuple[int, int] | None":
    """Return the version that `program --version` prints, or None where it cannot be run."""
    try:
        text = subprocess.check_output([program, "--version"], stderr=subprocess.STDOUT, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"(\d+)\.(\d+)", text.decode("utf-8", "replace"))
    return (int(found.group(1)), int(found.group(2))) if found else None


def main() -> None:
    """Warn about missing tools; refuse only a Python that could not run what comes next."""
    for tool, (oldest, purpose, where) in TOOLS.items():
        has = version(tool)
        if has is None or has < oldest:
            state = "was not found" if has is None else "is too old ({}.{})".format(*has)
            print(
                "Note: {} {}. It {}. Your project will be written all the same; "
                "get {} {}.{} or newer later from {}".format(
                    tool, state, purpose, tool, *oldest, where
                )
            )
    if sys.version_info < PYTHON:
        print(
            "This Python is {}.{}, and the project needs {}.{} or newer. Get one from "
            "https://www.python.org/downloads and install cookiecutter in it, or let uv do both: "
            "uvx --python {}.{} cookiecutter".format(*sys.version_info[:2], *PYTHON, *PYTHON)
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
