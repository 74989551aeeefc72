"""Fixtures that every test suite shares: rendered projects, and their own environments."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from cookiecutter.main import cookiecutter
from support import REPOSITORY, Project, Render

# Several processes test at once; threads of torch that wait for a core would spin on the others'.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores: many tests wait, for a disk or a server that is slow on purpose."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole journeys first: begun last, one would go on alone while the other processes wait.

    A file's tests share what their fixtures made, and all of the examples one demonstration, so
    they stay in one process.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    for item in items:
        folder = item.path.parent
        shared = folder if folder.name == "examples" else item.path
        item.add_marker(pytest.mark.xdist_group(shared.relative_to(REPOSITORY).as_posix()))


@pytest.fixture(scope="session")
def template_dir() -> Path:
    """The folder that holds the template's cookiecutter.json."""
    return REPOSITORY / "template" / "competition"


@pytest.fixture(scope="session")
def cookiecutter_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration of cookiecutter that keeps replays and clones out of the user's home."""
    home = tmp_path_factory.mktemp("cookiecutter")
    config = home / "config.yaml"
    folders = {"cookiecutters_dir": str(home / "clones"), "replay_dir": str(home / "replay")}
    config.write_text(yaml.safe_dump(folders), encoding="utf-8")
    return config


@pytest.fixture(scope="session")
def render(
    template_dir: Path, cookiecutter_config: Path, tmp_path_factory: pytest.TempPathFactory
) -> Render:
    """Return a function that renders a fresh project: `render(competition="titanic")`."""

    def render_fresh(*, into: Path | None = None, **answers: str) -> Path:
        folder = into or tmp_path_factory.mktemp("project")
        folder.mkdir(exist_ok=True)
        # cookiecutter copies a template with a pre_prompt hook and leaves an empty folder behind.
        tempfile.tempdir = str(tmp_path_factory.mktemp("temporary"))
        try:
            return Path(
                cookiecutter(
                    str(template_dir),
                    no_input=True,
                    extra_context=answers,
                    output_dir=str(folder),
                    config_file=str(cookiecutter_config),
                )
            )
        finally:
            tempfile.tempdir = None

    return render_fresh


@pytest.fixture(scope="session")
def baseline(render: Render) -> Path:
    """The project that the default answers give. It is shared: look, but change nothing."""
    return render()


@pytest.fixture(scope="session")
def sync() -> Callable[[Path], Project]:
    """Return a function that installs a rendered project's own environment and commits its lock."""

    def sync_project(path: Path) -> Project:
        project = Project(path)
        project.run("uv", "sync", "--quiet", "--python", sys.executable)
        project.run("git", "add", "uv.lock")
        author = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
        project.run("git", *author, "commit", "--quiet", "--message", "Lock the environment")
        return project

    return sync_project


@pytest.fixture(scope="session")
def project_env(render: Render, sync: Callable[[Path], Project]) -> Project:
    """The default project in its own environment, shared by tests that leave it as it is."""
    return sync(render())
