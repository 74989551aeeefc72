"""The author's name and address default to git's own, where they are good answers."""

import os
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from support import REPOSITORY

from hooks import git as hooks_git

Run = Callable[..., subprocess.CompletedProcess[str]]
Git = Callable[..., str]
NOBODY = ("Your Name", "you@example.com")


def settings(folder: Path, name: str, email: str, encoding: str = "utf-8") -> str:
    """Write a configuration of git and return its path."""
    path = folder / "gitconfig"
    path.write_text(f"[user]\n\tname = {name}\n\temail = {email}\n", encoding)
    return str(path)


def author(project: Path) -> tuple[str, str]:
    with (project / "pyproject.toml").open("rb") as file:
        found = tomllib.load(file)["project"]["authors"][0]
    return found["name"], found["email"]


@pytest.mark.parametrize(
    ("name", "email", "expected"),
    [
        ("Ada Lovelace", "ada@example.org", ("Ada Lovelace", "ada@example.org")),
        ("李雷", "li@example.org", ("李雷", "li@example.org")),
        ("Lovelace, Ada", "ada@example.org", ("Your Name", "ada@example.org")),
        ("Ada", "ada@laptop", ("Ada", "you@example.com")),
        ("{{ 7 }}", '""', NOBODY),
    ],
)
def test_good_settings_of_git_become_the_defaults(
    run: Run, git: Git, tmp_path: Path, name: str, email: str, expected: tuple[str, str]
) -> None:
    config = settings(tmp_path, name, email)
    run("cookiecutter", REPOSITORY, "--no-input", "-o", tmp_path, GIT_CONFIG_GLOBAL=config)
    project = tmp_path / "digit-recognizer"
    assert author(project) == expected
    assert git(project, "log", "--format=%an <%ae>") == "{} <{}>".format(*expected)


def test_the_defaults_are_offered_as_answers(run: Run, tmp_path: Path) -> None:
    config = settings(tmp_path, "Ada Lovelace", "ada@example.org")
    typed = 14 * "\n"
    done = run("cookiecutter", REPOSITORY, "-o", tmp_path, typed=typed, GIT_CONFIG_GLOBAL=config)
    asked = " ".join(done.stdout.split())
    assert "Name of the author (Ada Lovelace)" in asked
    assert "(ada@example.org)" in asked
    assert author(tmp_path / "digit-recognizer") == ("Ada Lovelace", "ada@example.org")


def test_an_answer_that_is_given_wins(run: Run, tmp_path: Path) -> None:
    config = settings(tmp_path, "Ada Lovelace", "ada@example.org")
    answers = ("author_name=Grace Hopper", "author_email=grace@example.org")
    render = ("cookiecutter", REPOSITORY, "--no-input", "-o", tmp_path, *answers)
    run(*render, GIT_CONFIG_GLOBAL=config)
    assert author(tmp_path / "digit-recognizer") == ("Grace Hopper", "grace@example.org")


def test_an_update_keeps_the_author_that_the_project_has(
    run: Run, git: Git, repository: Path, tmp_path: Path
) -> None:
    where = ("--directory", "template/competition", "--no-input", "--output-dir", tmp_path)
    run("cruft", "create", repository, *where)
    project = tmp_path / "digit-recognizer"
    (repository / "packages/compete/NEW").write_text("New.\n", encoding="utf-8")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "A newer version")
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "Start")
    config = settings(tmp_path, "Ada Lovelace", "ada@example.org")
    run("cruft", "update", "--skip-apply-ask", cwd=project, GIT_CONFIG_GLOBAL=config)
    assert (project / "packages/compete/NEW").is_file()
    assert author(project) == NOBODY


def test_a_repository_around_the_new_project_has_no_say(run: Run, git: Git, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "user.name", "Somebody Else")
    run("cookiecutter", REPOSITORY, "--no-input", "-o", tmp_path)
    assert author(tmp_path / "digit-recognizer") == NOBODY


def test_a_name_in_another_encoding_is_left_out(run: Run, tmp_path: Path) -> None:
    config = settings(tmp_path, "José", "jose@example.org", "latin-1")
    run("cookiecutter", REPOSITORY, "--no-input", "-o", tmp_path, GIT_CONFIG_GLOBAL=config)
    assert author(tmp_path / "digit-recognizer") == ("Your Name", "jose@example.org")


def test_a_missing_git_has_no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    assert hooks_git.user_setting("user.name") == ""
