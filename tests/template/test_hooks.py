"""What finishes a project: its task's files, its first commit, and the words at the end."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support import REPOSITORY

Run = Callable[..., subprocess.CompletedProcess[str]]
Git = Callable[..., str]
Tree = Callable[[Path], dict[str, bytes]]


def test_the_last_three_lines_say_what_to_do_next(run: Run, tmp_path: Path) -> None:
    done = run("cookiecutter", REPOSITORY, "--no-input", "-o", tmp_path)
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert lines[0] == "1. cd digit-recognizer"
    assert lines[1].startswith("2. uv sync ")
    assert lines[2].startswith("3. uv run compete doctor ")
    assert done.stderr == ""


def test_the_project_is_one_clean_commit_of_its_author(baseline: Path, git: Git) -> None:
    assert git(baseline, "status", "--porcelain") == ""
    assert git(baseline, "log", "--format=%an <%ae> %s") == (
        "Your Name <you@example.com> Start from cookiecutter-kaggle-portfolio"
    )
    assert git(baseline, "branch", "--show-current") == "main"


def test_the_first_commit_needs_no_settings_of_git_and_obeys_no_hooks(
    run: Run, git: Git, tmp_path: Path
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (hooks / "pre-commit").chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f'[commit]\ngpgSign = true\n[core]\nhooksPath = "{hooks.as_posix()}"\n', encoding="utf-8"
    )
    run("cookiecutter", REPOSITORY, "--no-input", "-o", tmp_path, GIT_CONFIG_GLOBAL=str(settings))
    assert git(tmp_path / "digit-recognizer", "rev-list", "--count", "HEAD") == "1"


def test_a_project_inside_another_repository_gets_its_own(
    run: Run, git: Git, tmp_path: Path
) -> None:
    git(tmp_path, "init", "--quiet", "outer")
    outer = tmp_path / "outer"
    run("cookiecutter", REPOSITORY, "--no-input", "-o", outer, GIT_DIR=str(outer / ".git"))
    project = outer / "digit-recognizer"
    assert Path(git(project, "rev-parse", "--show-toplevel")) == project.resolve()
    assert git(project, "rev-list", "--count", "HEAD") == "1"


def test_rendering_again_over_a_project_keeps_its_history(
    run: Run, git: Git, tmp_path: Path
) -> None:
    render = ("cookiecutter", REPOSITORY, "--no-input", "-o", tmp_path)
    run(*render)
    project = tmp_path / "digit-recognizer"
    before = git(project, "rev-parse", "HEAD")
    run(*render, "--overwrite-if-exists")
    assert git(project, "rev-parse", "HEAD") == before
    assert git(project, "status", "--porcelain") == ""


def test_what_python_and_the_linters_left_in_the_template_stays_there(
    run: Run, repository: Path, tree: Tree, tmp_path: Path
) -> None:
    run("cookiecutter", repository, "--no-input", "-o", tmp_path / "before")
    folder = repository / "template/competition/{{cookiecutter.project_slug}}"
    for name in (
        ".ruff_cache/0.1/1",
        "src/{{cookiecutter.package_name}}/__pycache__/x.cpython-311.pyc",
        "tasks/image/src/{{cookiecutter.package_name}}/__pycache__/x.cpython-311.pyc",
        "tasks/image/tests/__pycache__/x.cpython-311.pyc",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"\xcb\r\r\n{{ x \x90")
    run("cookiecutter", repository, "--no-input", "-o", tmp_path / "after")
    assert tree(tmp_path / "after/digit-recognizer") == tree(tmp_path / "before/digit-recognizer")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_any_name_of_the_templates_folder_will_do(
    run: Run, repository: Path, tmp_path: Path
) -> None:
    odd = tmp_path / 'it\'s "an" \\odd\\ """名前\\'
    repository.rename(odd)
    run("cookiecutter", odd, "--no-input", "-o", tmp_path / "out")
    assert (tmp_path / "out/digit-recognizer/packages/compete/pyproject.toml").is_file()


def test_a_failing_hook_leaves_no_project(run: Run, repository: Path, tmp_path: Path) -> None:
    (repository / "hooks/project.py").write_text("raise SystemExit('Broken.')\n", encoding="utf-8")
    done = run("cookiecutter", repository, "--no-input", "-o", tmp_path / "out", fails=1)
    assert "Broken." in done.stderr
    assert not (tmp_path / "out/digit-recognizer").exists()


def test_a_part_of_the_repository_is_refused_in_a_sentence(
    run: Run, repository: Path, tmp_path: Path
) -> None:
    part = tmp_path / "part/of/it"
    shutil.copytree(repository / "template/competition", part)
    done = run("cookiecutter", part, "--no-input", "-o", tmp_path / "out", fails=1)
    assert "load.py is missing. Get the whole repository, not a part of it." in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_no_file_of_the_shared_hooks_is_named_like_a_hook() -> None:
    names = {path.stem for path in (REPOSITORY / "hooks").rglob("*") if path.is_file()}
    assert not names & {"pre_prompt", "pre_gen_project", "post_gen_project"}
    assert not list((REPOSITORY / "template").rglob("pre_prompt*"))
