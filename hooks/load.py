"""Loads this package for a template's Jinja extension, which runs this file and can't import it.

It must run on a Python that is too old, in order to say so: no syntax newer than Python 3.7.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent


def load(name: str, check_machine: bool) -> ModuleType:
    """Import the module `name` of this package, and leave Python's memory of modules as it was.

    `cruft update` renders two versions of the template in one process, so what was imported before
    counts for nothing, bytecode included: Python tells it from stale by its source's size and
    second, which is too coarse for two checkouts in a row.

    Args:
        name: The module, such as `hooks.competition`.
        check_machine: Whether to look at Python, git and uv first.

    Raises:
        SystemExit: This Python is too old to import the module.
    """
    imported_before = {key: sys.modules.pop(key) for key in _own_modules()}
    dont_write_bytecode = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(ROOT))
    importlib.invalidate_caches()
    try:
        if check_machine:
            machine = importlib.import_module("hooks.machine")
            machine.check_python()
            machine.check_tools()
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(ROOT))
        sys.dont_write_bytecode = dont_write_bytecode
        for key in _own_modules():
            del sys.modules[key]
        sys.modules.update(imported_before)


def _own_modules() -> list[str]:
    return [key for key in sys.modules if key.partition(".")[0] == "hooks"]
