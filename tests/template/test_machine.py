"""A machine that is not ready: it's told so before the first question, once, in plain words."""

import ast
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support import REPOSITORY

from hooks import machine

Run = Callable[..., subprocess.CompletedProcess[str]]
WAYS = {"menu": (), "directory": ("--directory", "template/competition")}
posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-ins on PATH are shell scripts")


def stand_in(folder: Path, program: str, line: str) -> None:
    """Write a program that runs one line of shell."""
    folder.mkdir(exist_ok=True)
    (folder / program).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    (folder / program).chmod(0o755)


def only(folder: Path, *programs: str) -> str:
    """Return a PATH on which nothing but these programs can be found."""
    for program in programs:
        # A script and not a link: some programs look at the folder that they lie in.
        stand_in(folder, program, f'exec "{shutil.which(program)}" "$@"')
    return str(folder)


@posix_only
@pytest.mark.parametrize("way", WAYS)
def test_a_missing_tool_is_told_once_and_before_the_first_question(
    run: Run, tmp_path: Path, way: str
) -> None:
    done = run(
        "cookiecutter",
        REPOSITORY,
        *WAYS[way],
        "-o",
        tmp_path,
        typed=14 * "\n",
        PATH=only(tmp_path / "bin", "git"),
    )
    assert done.stdout.count("Note: ") == 1
    assert done.stdout.count("Note: uv was not found.") == 1
    assert done.stdout.index("Note: ") < done.stdout.index("Kaggle competition:")
    assert "docs.astral.sh/uv/getting-started/installation" in done.stdout.splitlines()[-4]
    assert (tmp_path / "digit-recognizer/.git").is_dir()


@posix_only
def test_cruft_tells_it_once_too(run: Run, repository: Path, tmp_path: Path) -> None:
    where = ("--directory", "template/competition", "--no-input", "--output-dir", tmp_path)
    path = only(tmp_path / "bin", "git")
    done = run("cruft", "create", repository, *where, PATH=path)
    assert done.stdout.count("Note: uv was not found.") == 1


@posix_only
def test_without_git_the_project_is_written_and_told_how_to_go_on(run: Run, tmp_path: Path) -> None:
    path = only(tmp_path / "bin", "uv")
    done = run("cookiecutter", REPOSITORY, "--no-input", "-o", tmp_path, PATH=path)
    project = tmp_path / "digit-recognizer"
    assert "Note: git was not found." in done.stdout
    assert not (project / ".git").exists()
    assert not (project / "tasks").exists()
    first, second, third = done.stdout.splitlines()[-3:]
    assert "git init -b main, git add ., git commit" in first
    assert second.startswith("2. uv sync ")
    assert third.startswith("3. uv run compete doctor ")
    metadata = (project / "pyproject.toml").read_text(encoding="utf-8")
    assert '"Your Name", email = "you@example.com"' in metadata


@posix_only
def test_a_tool_that_is_too_old_is_told_with_its_version(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stand_in(tmp_path, "git", "echo git version 2.17.1")
    stand_in(tmp_path, "uv", "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    machine.check_tools()
    said = capsys.readouterr().out
    assert "git is too old (2.17)" in said
    assert "install git 2.28 or newer" in said
    assert "uv was not found" in said


def test_a_ready_machine_is_not_talked_to(run: Run, tmp_path: Path) -> None:
    done = run("cookiecutter", REPOSITORY, "--no-input", "-o", tmp_path)
    assert [line[:2] for line in done.stdout.splitlines()] == ["1.", "2.", "3."]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("program", "verb"), [("cookiecutter.cli.main", ()), ("cruft._cli.app", ("create",))]
)
def test_a_python_that_is_too_old_is_refused_in_a_sentence(
    run: Run, repository: Path, tmp_path: Path, program: str, verb: tuple[str, ...]
) -> None:
    (tmp_path / "pretend.py").write_text(
        f"import sys, {program.rpartition('.')[0]} as program\n"
        "sys.version_info = (3, 9, 1, 'final', 0)\n"
        f"program.{program.rpartition('.')[2]}()\n",
        encoding="utf-8",
    )
    out = tmp_path / "out"
    out.mkdir()
    where = ("--directory", "template/competition", "--no-input", "--output-dir", out)
    done = run("pretend", *verb, repository, *where, fails=1)
    assert done.stderr.startswith("This Python is 3.9, and the template needs 3.11 or newer. Get ")
    assert len((done.stdout + done.stderr).splitlines()) == 1
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "hooks/__init__.py",
        "hooks/load.py",
        "hooks/machine.py",
        "template/competition/competition_answers.py",
    ],
)
def test_what_runs_before_that_can_be_read_by_an_old_python(name: str) -> None:
    source = (REPOSITORY / name).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 7))
    lines = source.splitlines()
    assert '"""' in source
    # Without it, an annotation such as `str | None` is an error at import.
    assert name.endswith("__init__.py") or "from __future__ import annotations" in lines
