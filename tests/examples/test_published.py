"""A published project is complete: a fresh clone of it installs and passes its own CI."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from demonstration import Demonstration
from support import Project, outside_environment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the server's hook is a script"),
]
HOOK = """#!/bin/sh
touch arrived
sleep 60
"""


@pytest.fixture(scope="module")
def published(
    demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A bare repository with the finished project, whose first push was killed."""
    project = demonstration.project
    bare = tmp_path_factory.mktemp("server") / "digits.git"
    project.run("git", "init", "--quiet", "--bare", "--initial-branch=main", bare)
    hook = bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK, encoding="utf-8")
    hook.chmod(0o755)
    process = subprocess.Popen(
        [project.path / ".venv/bin/compete", "publish", "--remote", bare],
        cwd=project.path,
        env=outside_environment(),
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    limit = time.monotonic() + 120
    while not (bare / "arrived").exists() and time.monotonic() < limit:
        time.sleep(0.05)
    assert (bare / "arrived").exists()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    hook.unlink()
    assert not project.run("git", "ls-remote", bare).stdout
    project.run("compete", "publish", "--remote", bare)
    yield bare
    project.run("git", "remote", "remove", "origin")


def test_a_second_run_changes_nothing(demonstration: Demonstration, published: Path) -> None:
    before = demonstration.project.run("git", "ls-remote", published).stdout
    said = demonstration.project.run("compete", "publish").stderr
    assert "now:" not in said
    assert said.count("already done") == 2
    assert demonstration.project.run("git", "ls-remote", published).stdout == before


@pytest.mark.long
def test_a_clone_builds_and_passes_its_own_ci(published: Path, tmp_path: Path) -> None:
    clone = Project(tmp_path / "clone")
    subprocess.run(["git", "clone", "--quiet", published, clone.path], check=True)
    workflow = yaml.safe_load((clone.path / ".github/workflows/ci.yml").read_text("utf-8"))
    lines = [step["run"] for step in workflow["jobs"]["checks"]["steps"] if "run" in step]
    assert lines[0] == "uv sync"
    assert lines[-1] == "uv run pytest"
    for line in lines:
        clone.run(*shlex.split(line), env={"UV_PYTHON": sys.executable})
    assert clone.git_status() == ""
    shutil.rmtree(clone.path)  # it holds an environment of its own
