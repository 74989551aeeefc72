"""A project without a commit, outside of any git repository, or on a machine without git."""

import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from .harness import Workspace

Make = Callable[..., Workspace]


@pytest.fixture
def project(workspace: Make) -> Make:
    """`project(**sections)`: a workspace with the metadata that the report shows."""

    def make(**sections: dict[str, Any]) -> Workspace:
        work = workspace(data={"trained_folds": 1}, trainer={"max_epochs": 1} | sections)
        text = '[project]\nname = "digits"\nversion = "0.1.0"\n'
        (work.path / "pyproject.toml").write_text(text, encoding="utf-8")
        return work

    return make


def _init(work: Workspace) -> None:
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=work.path, check=True)


def _refused(work: Workspace, command: str, *says: str) -> None:
    done = work.run(command, check=False)
    assert done.code == 1, done.err
    assert "Traceback" not in done.err
    last = done.err.strip().splitlines()[-1]
    assert last.startswith("error: "), done.err
    assert all(words in last for words in says), done.err


def test_without_a_repository_all_works_but_what_publishes(project: Make) -> None:
    work = project()
    work.run("prepare", "train", "predict", "report", "status")
    for command in ("guard", "publish", "publish --remote nowhere"):
        _refused(work, command, "There is no git repository here", "git init")


def test_before_the_first_commit_training_asks_for_one(project: Make) -> None:
    work = project()
    _init(work)
    work.run("prepare")
    _refused(work, "train", "DVCLive", "git commit -m start")
    _refused(work, "publish", "not committed", "git commit")
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    start = (*author, "commit", "--quiet", "--allow-empty", "--message", "start")
    subprocess.run(["git", *start], cwd=work.path, check=True)
    work.run("train")


def test_before_the_first_commit_all_works_with_other_loggers(project: Make) -> None:
    work = project(logger=False)
    _init(work)
    work.run("prepare", "train", "predict", "report", "status")
    (work.path / ".gitignore").write_text("*\n", encoding="utf-8")
    _refused(work, "publish", "There is no commit to push", "git commit -m start")


def test_without_git_installed_all_works_but_what_publishes(project: Make) -> None:
    work = project()
    work.env = work.env | {"PATH": os.fspath(work.path)}
    work.run("prepare", "train", "predict", "report", "status")
    for command in ("guard", "publish"):
        _refused(work, command, "git is not installed", "git-scm.com")
