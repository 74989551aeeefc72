"""Runs Python as on Kaggle: packages that Kaggle's image lacks cannot be imported."""

import sys
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from compete.kaggle_image import image_packages, normalize


@cache
def lacks(module: str) -> bool:
    """Return whether Kaggle's image lacks a module; what no installed package has, it lacks.

    Args:
        module: the first part of its name, such as `torch`.
    """
    return module not in sys.stdlib_module_names and not (_owners(module) & image_packages())


def is_on_kaggle(package: str) -> bool:
    """Return whether Kaggle's image has a package, also if it is not installed here."""
    return normalize(package) in image_packages()


def hide_what_kaggle_lacks(agent: Path) -> None:
    """Let this process import what Kaggle's image has, and what lies beside the agent, alone.

    Args:
        agent: the folder of the agent's files.
    """
    own = {path.stem for path in agent.iterdir()}
    here = Path.cwd()  # a project's network.py must not come before the agent's
    sys.path = [path for path in sys.path if path and Path(path) != here]
    finders = [finder for finder in sys.meta_path if not isinstance(finder, _AsOnKaggle)]
    sys.meta_path = [_AsOnKaggle(finders, own)]
    for name in list(sys.modules):
        top = name.partition(".")[0]
        if not top.startswith("__") and top not in own and lacks(top):
            del sys.modules[name]


class _AsOnKaggle:
    """Finds modules by the finders that it is given, if Kaggle's image has them."""

    find_distributions = staticmethod(PathFinder.find_distributions)  # for importlib.metadata

    def __init__(self, finders: Sequence[Any], own: set[str]) -> None:
        self._finders, self._own = finders, own

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        top = name.partition(".")[0]
        if top not in self._own and lacks(top):
            return None
        for finder in self._finders:
            if (spec := finder.find_spec(name, path, target)) is not None:
                return spec  # type: ignore[no-any-return]
        return None

    def invalidate_caches(self) -> None:
        for finder in self._finders:
            if hasattr(finder, "invalidate_caches"):
                finder.invalidate_caches()


@cache
def _packages() -> dict[str, list[str]]:
    return dict(metadata.packages_distributions())


def _owners(module: str) -> frozenset[str]:
    return frozenset(normalize(name) for name in _packages().get(module, ()))
