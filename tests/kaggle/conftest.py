"""Fixtures: a project, a practice competition, and a server that joins them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import practice_kaggle
import pytest
import yaml

from .harness import PACKAGE, ROWS, SLUG, Nursery, Project, Serve, settings, write_practice


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to import the generated project's package from, as `demo`."""
    folder = tmp_path_factory.mktemp("library")
    shutil.copytree(PACKAGE, folder / "demo", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where the tests' commands are born."""
    if not hasattr(os, "fork"):
        pytest.skip("needs os.fork")
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def project(tmp_path: Path, library: Path, nursery: Nursery) -> Project:
    """A project whose contract is known, without data."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "params.yaml").write_text(f"competition:\n  slug: {SLUG}\n", encoding="utf-8")
    contract = {
        "slug": SLUG,
        "title": "Odd or even",
        "problem": "classification",
        "metric": "accuracy",
        "id_column": "Id",
        "target_columns": ["Odd"],
        "classes": [0, 1],
        "submission_columns": ["Id", "Odd"],
        "prediction": "label",
        "rows": ROWS,
        "sample_submission": "sample.csv",
        "deadline": "2031-01-01T00:00:00+00:00",
        "max_daily_submissions": 5,
        "kernels_only": False,
    }
    entries = {key: {"value": value, "source": "test"} for key, value in contract.items()}
    (folder / "contract.yaml").write_text(yaml.safe_dump(entries), encoding="utf-8")
    sample = ["Id,Odd", *(f"{i},0" for i in range(1, ROWS + 1))]
    (folder / "sample.csv").write_text("\n".join(sample) + "\n", encoding="utf-8")
    return Project(folder, library, nursery)


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    """A practice competition: is a number odd?"""
    return write_practice(tmp_path / "practice")


@pytest.fixture
def serving(practice: Path, project: Project) -> Serve:
    """`with serving(fail=..., max_daily_submissions=0) as server:` joins project and server."""

    @contextmanager
    def serve(
        fail: list[str] | None = None, options: dict[str, Any] | None = None, **changes: Any
    ) -> Iterator[practice_kaggle.Server]:
        settings(practice, **changes)
        with practice_kaggle.serve(practice, fail=fail or [], **(options or {})) as server:
            project.env = server.env
            yield server

    return serve
