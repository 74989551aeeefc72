"""Fixtures of the tests of what visitors see and of what must not leak."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from disguises import as_csv, table
from pages import HOSTILE

from compete.contract import Contract
from compete.submission_records import LedgerEntry

from .harness import Finished, finish_project


@pytest.fixture
def pyproject() -> str:
    """The pyproject.toml of some project."""
    return """\
[project]
name = "some-project"
version = "0.1.0"
description = "Some description"
license = "MIT"
authors = [{ name = "Ada King Lovelace", email = "ada@example.com" }]
"""


@pytest.fixture
def folder(pyproject: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a project to work in, with pyproject.toml and README.md."""
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text(pyproject, encoding="utf-8")
    Path("README.md").write_text(
        "# Mine\n\n<!-- results:start -->\nformer words\n<!-- results:end -->\n\nmore\n",
        encoding="utf-8",
    )
    return tmp_path


@pytest.fixture
def finished(contract: Callable[..., Contract], folder: Path) -> Finished:
    """Make a finished project of random numbers and work in it; keywords change the contract."""

    def make(**changes: Any) -> LedgerEntry:
        return finish_project(contract(**{"classes": HOSTILE, "title": HOSTILE[0], **changes}))

    return make


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a table of the competition."""
    monkeypatch.chdir(tmp_path)
    Path("data/raw").mkdir(parents=True)
    Path("data/raw/train.csv").write_text(as_csv(table(0)), encoding="utf-8")
    return tmp_path
