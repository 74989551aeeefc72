"""The hooks: a machine that is not ready, the first commit, and the words at the end."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import REPOSITORY, outside_environment

TEMPLATE = REPOSITORY / "template" / "competition"
PRE_PROMPT = TEMPLATE / "hooks" / "pre_prompt.py"


def git(project: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments],
        cwd=project,
        env=outside_environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout.strip()


def scaffold(
    out: Path, config: Path, *arguments: str, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run the real command line; `env` replaces variables, such as PATH."""
    temporary = out / "temporary"
    temporary.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "cookiecutter", TEMPLATE, "--no-input", "-o", out, *arguments],
        env=outside_environment()
        | {"COOKIECUTTER_CONFIG": str(config), "TMPDIR": str(temporary), "TEMP": str(temporary)}
        | env,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )


def only(folder: Path, *programs: str) -> str:
    """Return a PATH on which nothing but these programs can be found."""
    folder.mkdir()
    for program in programs:
        found = shutil.which(program)
        assert found
        # A script and not a link: some programs look at the folder that they lie in.
        (folder / program).write_text(f'#!/bin/sh\nexec "{found}" "$@"\n', encoding="utf-8")
        (folder / program).chmod(0o755)
    return str(folder)


posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-ins on PATH are shell scripts")


def test_the_last_three_lines_say_what_to_do_next(
    cookiecutter_config: Path, tmp_path: Path
) -> None:
    done = scaffold(tmp_path, cookiecutter_config)
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert lines[0] == "1. cd digit-recognizer"
    assert lines[1].startswith("2. uv sync ")
    assert lines[2].startswith("3. uv run compete doctor ")
    assert done.stderr == ""


def test_the_project_is_one_clean_commit_of_its_author(baseline: Path) -> None:
    assert git(baseline, "status", "--porcelain") == ""
    assert git(baseline, "log", "--format=%an <%ae> %s") == (
        "Your Name <you@example.com> Start from cookiecutter-kaggle-portfolio"
    )
    assert git(baseline, "branch", "--show-current") == "main"


def test_the_first_commit_needs_no_settings_of_git_and_obeys_no_hooks(
    cookiecutter_config: Path, tmp_path: Path
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (hooks / "pre-commit").chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f'[commit]\ngpgSign = true\n[core]\nhooksPath = "{hooks.as_posix()}"\n', encoding="utf-8"
    )
    scaffold(tmp_path / "out", cookiecutter_config, GIT_CONFIG_GLOBAL=str(settings))
    assert git(tmp_path / "out" / "digit-recognizer", "rev-list", "--count", "HEAD") == "1"


def test_a_project_inside_another_repository_gets_its_own(
    cookiecutter_config: Path, tmp_path: Path
) -> None:
    git(tmp_path, "init", "--quiet", "outer")
    outer = tmp_path / "outer"
    scaffold(outer, cookiecutter_config, GIT_DIR=str(outer / ".git"))
    project = outer / "digit-recognizer"
    assert Path(git(project, "rev-parse", "--show-toplevel")) == project.resolve()
    assert git(project, "rev-list", "--count", "HEAD") == "1"


def test_rendering_again_over_a_project_keeps_its_history(
    cookiecutter_config: Path, tmp_path: Path
) -> None:
    scaffold(tmp_path, cookiecutter_config)
    project = tmp_path / "digit-recognizer"
    before = git(project, "rev-parse", "HEAD")
    scaffold(tmp_path, cookiecutter_config, "--overwrite-if-exists")
    assert git(project, "rev-parse", "HEAD") == before
    assert git(project, "status", "--porcelain") == ""


@posix_only
def test_without_git_the_project_is_written_and_told_how_to_go_on(
    cookiecutter_config: Path, tmp_path: Path
) -> None:
    done = scaffold(tmp_path, cookiecutter_config, PATH=only(tmp_path / "bin", "uv"))
    project = tmp_path / "digit-recognizer"
    assert "Note: git was not found." in done.stdout
    assert not (project / ".git").exists()
    assert not (project / "tasks").exists()
    first, second, third = done.stdout.splitlines()[-3:]
    assert "git init -b main, git add ., git commit" in first
    assert second.startswith("2. uv sync ")
    assert third.startswith("3. uv run compete doctor ")


@posix_only
def test_without_uv_the_project_is_written_and_told_how_to_get_it(
    cookiecutter_config: Path, tmp_path: Path
) -> None:
    done = scaffold(tmp_path, cookiecutter_config, PATH=only(tmp_path / "bin", "git"))
    assert "Note: uv was not found." in done.stdout
    assert "python -m pip install uv" in done.stdout.splitlines()[-4]
    assert git(tmp_path / "digit-recognizer", "status", "--porcelain") == ""


@posix_only
def test_a_git_that_is_too_old_is_told_with_its_version(tmp_path: Path) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\necho git version 2.17.1\n", encoding="utf-8")
    (tmp_path / "git").chmod(0o755)
    done = subprocess.run(
        [sys.executable, str(PRE_PROMPT)],
        env=os.environ | {"PATH": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "git is too old (2.17)" in done.stdout
    assert "get git 2.28 or newer" in done.stdout


def test_a_ready_machine_is_not_talked_to() -> None:
    done = subprocess.run(
        [sys.executable, str(PRE_PROMPT)], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout + done.stderr == ""


def test_a_python_that_is_too_old_is_refused_in_plain_words() -> None:
    ast.parse(PRE_PROMPT.read_text(encoding="utf-8"), feature_version=(3, 6))
    pretend = (
        "import runpy, sys; sys.version_info = (3, 9, 1);"
        "runpy.run_path(sys.argv[1], {}, '__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", pretend, str(PRE_PROMPT)], capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 1
    assert "This Python is 3.9, and the project needs 3.11 or newer." in done.stdout
    assert "Traceback" not in done.stderr
