"""Fixtures that every test suite shares: rendered projects, and their own environments."""

import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from cookiecutter.main import cookiecutter
from demonstration import QUICK, Demonstration, interrupt_demo, run_demo
from end_to_end import END_TO_END, EndToEndRun
from materialise import change
from playwright.sync_api import Browser
from screenshot import browser, chromium
from support import REPOSITORY, Project, Render, enter


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
        with pytest.MonkeyPatch.context() as patch:
            # The author's name and address default to those of whoever runs the tests.
            patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
            patch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
            return Path(
                cookiecutter(
                    str(template_dir),
                    no_input=True,
                    extra_context=answers,
                    output_dir=str(folder),
                    config_file=str(cookiecutter_config),
                )
            )

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


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """A finished demonstration. It is shared: a test leaves its project as it found it."""
    folder = tmp_path_factory.mktemp("demonstration")
    # Windows has no Ctrl-C that reaches a group of processes and not us.
    interrupted = "" if os.name == "nt" else interrupt_demo(folder, *QUICK)
    done = run_demo(folder, *QUICK)
    assert done.returncode == 0, f"{interrupted}\n---\n{done.stdout}"
    return Demonstration(folder, interrupted, done.stdout)


@pytest.fixture(scope="session")
def run_end_to_end(
    request: pytest.FixtureRequest,
    render: Render,
    sync: Callable[[Path], Project],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], EndToEndRun]:
    """`run_end_to_end("text")` gives a task's run, made once. Tests leave its project unchanged."""

    @cache
    def go(task: str) -> EndToEndRun:
        if task == "image":
            shown: Demonstration = request.getfixturevalue("demonstration")
            return EndToEndRun(shown.project, shown.folder / "practice")
        make, params = END_TO_END[task]
        practice = make(tmp_path_factory.mktemp("practice") / task)
        slug = yaml.safe_load((practice / "competition.yaml").read_text("utf-8"))["slug"]
        path = render(task=task, competition=slug)
        change(path, params)
        project = sync(path)
        enter(project, practice)
        return EndToEndRun(project, practice)

    return go


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """The Chromium or Chrome of this machine; a process can start Playwright only once."""
    if not chromium():
        pytest.skip("There is no Chromium or Chrome on this machine to open the page with.")
    with browser() as started:
        yield started
