"""What tests of the template share: its command lines, and a repository of its own to change."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import REPOSITORY, outside_environment

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(cookiecutter_config: Path, tmp_path: Path) -> Run:
    """`run("cruft", "update", cwd=project)`: a program of Python's, which must leave no trace.

    The temporary folder is empty before and after. `fails` is the expected exit code, `typed` what
    is answered, and further keywords are environment variables.
    """
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def run_module(
        *command: str | Path,
        cwd: Path = tmp_path,
        typed: str | None = None,
        fails: int = 0,
        **variables: str,
    ) -> subprocess.CompletedProcess[str]:
        # Each system has its own name for the temporary folder.
        places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
        git = dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull)
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=cwd,
            env=outside_environment()
            | {"COOKIECUTTER_CONFIG": str(cookiecutter_config), "PYTHONUTF8": "1"}
            | places
            | git
            | variables,
            input=typed,
            stdin=subprocess.DEVNULL if typed is None else None,
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == fails, done.stdout + done.stderr
        assert list(temporary.iterdir()) == []
        return done

    return run_module


@pytest.fixture
def git() -> Callable[..., str]:
    """`git(folder, "log")`: what git says there, as one fixed author."""
    author = {"NAME": "Test", "EMAIL": "test@example.com"}
    roles = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in author.items()
    }

    def run_git(folder: Path, *arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=outside_environment() | roles,
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout.strip()

    return run_git


@pytest.fixture
def repository(tmp_path: Path, git: Callable[..., str]) -> Path:
    """A copy of what the templates need of this repository, in one commit of its own."""
    copy = tmp_path / "a repository"
    made = ("__pycache__", ".*_cache", ".venv", "*.egg-info", ".hypothesis", ".coverage*")
    for folder in ("hooks", "packages/compete", "template"):
        shutil.copytree(REPOSITORY / folder, copy / folder, ignore=shutil.ignore_patterns(*made))
    for name in (".gitignore", "cookiecutter.json"):
        shutil.copy(REPOSITORY / name, copy)
    git(copy, "init", "--quiet")
    git(copy, "add", "--all")
    git(copy, "commit", "--quiet", "--message", "The version that a project is made of")
    return copy


@pytest.fixture(scope="session")
def tree() -> Callable[[Path], dict[str, bytes]]:
    """`tree(project)`: each file and what it holds, less git's own."""

    def read(root: Path) -> dict[str, bytes]:
        names = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        return {
            name.as_posix(): (root / name).read_bytes() for name in names if name.parts[0] != ".git"
        }

    return read
