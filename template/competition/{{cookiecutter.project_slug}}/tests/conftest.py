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


@pytest.fixture
def within(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Works in the folder of the competition that the test's module has prepared."""
    monkeypatch.chdir(prepared)
    return prepared


@pytest.fixture(scope="session")
def make(package: Package) -> Callable[..., Any]:
    """`make("--model.lr", "0.1")` gives the data and the model that fold 0 would start with."""

    def run(*overrides: str) -> Any:
        config = package("modeling.config").load_config("base", overrides)
        contract = package("competition").Contract.load()
        return package("modeling.train")._make(config, contract, 0)

    return run


@pytest.fixture(scope="session")
def fit(package: Package) -> Callable[..., Any]:
    """`fit("--model.lr", "0.1")` trains fold 0 anew and gives what was kept of it."""
    from safetensors.torch import load_file

    def run(*overrides: str) -> Any:
        package("modeling.train").train(0, None, list(overrides))
        return load_file("runs/base/fold0/model.safetensors")

    return run
