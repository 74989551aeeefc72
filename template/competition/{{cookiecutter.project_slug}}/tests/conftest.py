"""The package under test, found by where it lies: these tests know no project's name."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

Package = Callable[[str], ModuleType]


@pytest.fixture(scope="session")
def package() -> Package:
    """Imports a module of the package by its relative name: `package("kaggle.validate")`."""
    root = Path(__file__).parents[1]
    (name,) = (path.parent.name for path in root.glob("src/*/cli.py"))
    return lambda module: import_module(f"{name}.{module}")
