"""Fixtures: the warm process, and workspaces of digits."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import Project

from .harness import Nursery, Workspace, make_workspace, write_columns


@pytest.fixture(scope="session")
def nursery(project_env: Project) -> Iterator[Nursery]:
    """Where the tests' commands are born."""
    if not hasattr(os, "fork"):
        pytest.skip("needs os.fork")
    nursery = Nursery(project_env)
    yield nursery
    nursery.close()


@pytest.fixture
def workspace(nursery: Nursery, tmp_path: Path) -> Callable[..., Workspace]:
    """`workspace("name", rows=..., **sections)`: digits in columns, in a folder of this name."""

    def make(name: str = "work", rows: int = 160, **sections: dict[str, Any]) -> Workspace:
        made = make_workspace(tmp_path / name, nursery, **sections)
        write_columns(made.path, rows, test=40)
        return made

    return make
