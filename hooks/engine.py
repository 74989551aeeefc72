"""The engine, `packages/compete`: found at the top of the repository, copied into a project."""

import os
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ENGINE = Path("packages", "compete")
SOURCE = Path(__file__).resolve().parent.parent / ENGINE
# What installing, running and testing the engine in place leaves beside its own files. git could
# tell too, but the template need not be a repository, and work that isn't committed counts.
LEFT_BEHIND = (
    ".*_cache",
    ".coverage*",
    ".DS_Store",
    ".hypothesis",
    ".idea",
    ".ipynb_checkpoints",
    ".nox",
    ".tox",
    ".venv",
    ".vscode",
    "*.egg-info",
    "*.py[cod]",
    "__pycache__",
    "Thumbs.db",
)
LEFT_BEHIND_AT_TOP = ("build", "coverage.xml", "dist", "htmlcov", "uv.lock", "venv")


def is_missing() -> bool:
    """Return whether the template came without its engine."""
    return not (SOURCE / "pyproject.toml").is_file()


def engine_files() -> Iterator[Path]:
    """Yield each file of the engine, relative to its folder."""
    for folder, folders, files in os.walk(SOURCE):
        at_top = LEFT_BEHIND_AT_TOP if Path(folder) == SOURCE else ()
        patterns = (*LEFT_BEHIND, *at_top)
        folders[:] = [name for name in folders if not _matches(name, patterns)]
        for name in files:
            if not _matches(name, patterns):
                yield Path(folder, name).relative_to(SOURCE)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def copy_engine() -> None:
    """Copy the engine byte for byte into the current folder, in place of an older one."""
    if ENGINE.exists():
        shutil.rmtree(ENGINE)
    for file in engine_files():
        target = ENGINE / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SOURCE / file, target)
