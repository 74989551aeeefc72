"""The package under test, found by where it lies: these tests know no project's name."""

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

# Before torch is imported: the models of these tests are so small that threads only wait.
os.environ.setdefault("OMP_NUM_THREADS", "1")

Package = Callable[[str], ModuleType]


@pytest.fixture(scope="session")
def package() -> Package:
    """Imports a module of the package by its relative name: `package("kaggle.validate")`."""
    root = Path(__file__).parents[1]
    (name,) = (path.parent.name for path in root.glob("src/*/cli.py"))
    return lambda module: import_module(f"{name}.{module}")


@pytest.fixture(scope="session")
def fault(package: Package) -> type[Exception]:
    """What every foreseeable error is raised as."""
    kind: type[Exception] = package("errors").Fault
    return kind


@pytest.fixture(scope="session")
def contract(package: Package) -> Callable[..., Any]:
    """Makes a contract of two classes scored by accuracy; keywords change its values."""
    made = package("competition").Contract

    def make(**changes: Any) -> Any:
        values: dict[str, Any] = {
            "slug": "some-competition",
            "title": "Some competition",
            "problem": "classification",
            "metric": "accuracy",
            "id_column": "id",
            "target_columns": ["y"],
            "classes": ["a", "b"],
            "submission_columns": ["id", "y"],
            "prediction": "label",
            "rows": 4,
            "sample_submission": "sample.csv",
        }
        return made(**values | changes)

    return make
