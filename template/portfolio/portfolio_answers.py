"""A Jinja extension that loads `hooks/` from the top of the repository.

cookiecutter renders a hook alone into a temporary file, from where it can import nothing of ours;
an extension is imported from the template's folder, before the first question.

Python keeps this module for a whole process, in which `cruft update` renders two versions of the
template: whatever may change between versions belongs in `hooks/`. And it must run on a Python that
is too old, in order to say so: no syntax newer than Python 3.7.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

from jinja2.ext import Extension


def template_folder() -> Path:
    """Return the folder of the template that is being rendered.

    cookiecutter and cruft append it to `sys.path`. While they render a hook they also stand in it,
    where an entry that is a relative path leads nowhere.
    """
    needed = ("cookiecutter.json", Path(__file__).name)
    for folder in [*map(Path, reversed(sys.path)), Path()]:
        if all((folder / name).is_file() for name in needed):
            return folder.resolve()
    return Path(__file__).resolve().parent


class PortfolioHooks(Extension):
    """Checks the machine and the answers, and hands the post-generation hook what it needs."""

    checked_machine = False

    def __init__(self, environment: Any) -> None:
        """Load the hooks of the template that is being rendered."""
        super().__init__(environment)
        loader = template_folder().parent.parent / "hooks" / "load.py"
        if not loader.is_file():
            raise ImportError(f"{loader} is missing. Get the whole repository, not a part of it.")
        load = runpy.run_path(str(loader))["load"]
        self._hooks = load("hooks.portfolio", check_machine=not PortfolioHooks.checked_machine)
        PortfolioHooks.checked_machine = True
        self._hooks.extend(environment)

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the source of a Jinja template as it shall be compiled."""
        done: str = self._hooks.preprocess(source, name)
        return done
