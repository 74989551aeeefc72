"""An example becomes a whole project, or is refused by name."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import REPOSITORY, Project, Render, outside_environment

EXAMPLES = sorted(path.parent for path in (REPOSITORY / "examples").glob("*/answers.yaml"))
names = [path.name for path in EXAMPLES]


def materialise(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, REPOSITORY / "examples" / "materialise.py", *arguments]
    return subprocess.run(command, env=outside_environment(), capture_output=True, encoding="utf-8")


def keys(params: dict[str, Any]) -> set[str]:
    return {
        f"{section}.{key}"
        for section, values in params.items()
        for key in (values if isinstance(values, dict) else [""])
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=names)
def test_it_is_committed_whole_under_the_name_that_was_asked_for(
    example: Path, tmp_path: Path
) -> None:
    done = materialise(example.name, tmp_path / "mine")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    project = Project(tmp_path / "mine")
    assert project.git_status() == ""
    assert len(project.run("git", "log", "--format=%s").stdout.splitlines()) == 2
    for file in (path for path in (example / "files").rglob("*") if path.is_file()):
        written = project.path / file.relative_to(example / "files")
        assert written.read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    "example",
    [path for path in EXAMPLES if (path / "files/params.yaml").exists()],
    ids=lambda path: path.name,
)
def test_its_params_have_the_keys_that_the_template_has_now(example: Path, render: Render) -> None:
    answers = yaml.safe_load((example / "answers.yaml").read_text(encoding="utf-8"))
    rendered = render(**answers["default_context"])
    ours, current = (
        yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
        for folder in (example / "files", rendered)
    )
    assert keys(ours) == keys(current)


@pytest.mark.parametrize("example", EXAMPLES, ids=names)
def test_its_answers_are_a_configuration_of_cookiecutter(example: Path, tmp_path: Path) -> None:
    answers = yaml.safe_load((example / "answers.yaml").read_text(encoding="utf-8"))
    assert set(answers) == {"default_context"}
    known = yaml.safe_load(
        (REPOSITORY / "template/competition/cookiecutter.json").read_text(encoding="utf-8")
    )
    assert set(answers["default_context"]) <= set(known)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=names)
def test_its_own_tests_pass(example: Path, tmp_path: Path, sync: Callable[[Path], Project]) -> None:
    assert materialise(example.name, tmp_path / "mine").returncode == 0
    sync(tmp_path / "mine").run("pytest", "--quiet")


def test_an_unknown_example_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    done = materialise("no-such", tmp_path / "mine")
    assert done.returncode == 1
    assert "no example 'no-such'" in done.stderr
    assert "digit-recognizer" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear diary", encoding="utf-8")
    done = materialise("digit-recognizer", tmp_path / "mine")
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["diary.txt"]


def test_a_key_that_params_do_not_have_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    done = materialise("digit-recognizer", tmp_path / "mine", "--set", "data.fold=2")
    assert done.returncode == 1
    assert "has no key data.fold" in done.stderr
    assert not list(tmp_path.iterdir())
