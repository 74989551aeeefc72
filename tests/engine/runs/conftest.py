"""Fixtures: what runs commands, and workspaces of digits."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fork_server import Launcher, make_launcher

from .harness import Workspace, make_workspace, variables, write_columns

SLOW_IMPORTS = (
    "dvclive.lightning",
    "jsonargparse",
    "lightning",
    "polars",
    "sklearn.model_selection",
    "timm",
    "torch",
    "torchvision.transforms.v2",
)


@pytest.fixture(scope="session")
def env(authors: Callable[[str], Path]) -> dict[str, str]:
    """The variables of the commands, which lead them to the author's part of the image task."""
    return variables(authors("image"))


@pytest.fixture(scope="session")
def launcher(env: dict[str, str]) -> Iterator[Launcher]:
    """What runs the tests' commands."""
    made = make_launcher(SLOW_IMPORTS, env)
    yield made
    made.close()


@pytest.fixture
def make(launcher: Launcher, env: dict[str, str], tmp_path: Path) -> Callable[..., Workspace]:
    """`make("name", **sections)`: a folder of this name, set to train on small images."""
    return lambda name, **sections: make_workspace(tmp_path / name, launcher, env, **sections)


@pytest.fixture
def workspace(make: Callable[..., Workspace]) -> Callable[..., Workspace]:
    """`workspace("name", rows=..., **sections)`: one with digits in columns."""

    def with_digits(name: str = "work", rows: int = 160, **sections: dict[str, Any]) -> Workspace:
        made = make(name, **sections)
        write_columns(made.path, rows, test=40)
        return made

    return with_digits
