"""A package that travels with a project: found at the top of the repository, copied into it.

That of a competition is the engine, `packages/compete`.
"""

import os
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ENGINE = Path("packages", "compete")
SITE_BUILDER = Path("packages", "portfolio_site")
ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / ENGINE
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


def is_missing(package: Path = ENGINE) -> bool:
    """Return whether the template came without the package."""
    return not (ROOT / package / "pyproject.toml").is_file()


def engine_files(package: Path = ENGINE) -> Iterator[Path]:
    """Yield each file of the package, relative to its folder."""
    source = ROOT / package
    for folder, folders, files in os.walk(source):
        at_top = LEFT_BEHIND_AT_TOP if Path(folder) == source else ()
        patterns = (*LEFT_BEHIND, *at_top)
        folders[:] = [name for name in folders if not _matches(name, patterns)]
        for name in files:
            if not _matches(name, patterns):
                yield Path(folder, name).relative_to(source)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def copy_engine(package: Path = ENGINE) -> None:
    """Copy the package byte for byte into the current folder, in place of an older one."""
    if package.exists():
        shutil.rmtree(package)
    for file in engine_files(package):
        target = package / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / package / file, target)
