"""The steps that finish a new project of any template, in the project's folder."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from . import git


def drop_caches() -> None:
    """Drop what running and checking the template's code in place left beside it."""
    for pattern in (".*_cache", "src/**/__pycache__", "tests/**/__pycache__"):
        for folder in sorted(Path().glob(pattern)):
            shutil.rmtree(folder)


def make_repository(answers: Mapping[str, str]) -> str:
    """Make the project's git repository if it has none, and return what to do first."""
    folder = f"cd {answers['project_slug']}"
    # cruft compares two renderings file by file, so there must be no repository inside them, and it
    # writes .cruft.json after the hook, which the first commit has to hold.
    if "_commit" in answers:
        return f"{folder}, and if it is new: {git.BY_HAND}"
    if Path(".git").exists() or git.first_commit(answers):
        return folder
    print("There is no git repository yet: git is missing or could not create one.")
    return f"{folder}; once git is installed: {git.BY_HAND}"


def say_next(*steps: str) -> None:
    """Print what to do next, one numbered line for each step."""
    if not shutil.which("uv"):
        print(
            "uv is missing. To install it: https://docs.astral.sh/uv/getting-started/installation"
        )
    if os.name == "nt" and not str(Path.cwd()).isascii():
        print(
            "The folder's path has letters beyond ASCII, which Python on Windows can read from "
            "3.13 on: use `uv sync --python 3.13`, or move the folder."
        )
    for number, step in enumerate(steps, 1):
        print(f"{number}. {step}")
