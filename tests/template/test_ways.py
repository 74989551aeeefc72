"""Every way to render gives the same tree, and none leaves anything in the temporary folder."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Git = Callable[..., str]
Tree = Callable[[Path], dict[str, bytes]]
COMPETITION = ("--directory", "template/competition")


def test_cookiecutter_gives_the_same_tree_on_every_way(
    run: Run, repository: Path, tree: Tree, tmp_path: Path
) -> None:
    answered = 14 * "\n"  # the menu and the thirteen questions: every default
    ways: dict[str, tuple[tuple[str | Path, ...], str | None]] = {
        "menu": ((repository, "--no-input"), None),
        "typed": ((repository,), answered),
        "directory": ((repository, *COMPETITION, "--no-input"), None),
        "replay": ((repository, *COMPETITION, "--replay"), None),
        "folder": ((repository / "template/competition", "--no-input"), None),
    }
    trees = {}
    for way, (arguments, typed) in ways.items():
        out = tmp_path / way
        run("cookiecutter", *arguments, "-o", out, typed=typed)
        trees[way] = tree(out / "digit-recognizer")
    for way, files in trees.items():
        assert files == trees["menu"], way


@pytest.mark.parametrize("start", [".", "template", "template/competition", "hooks"])
def test_a_relative_path_leads_to_the_same_template(
    run: Run, repository: Path, tree: Tree, tmp_path: Path, start: str
) -> None:
    path = os.path.relpath(repository / "template/competition", repository / start)
    run("cookiecutter", path, "--no-input", "-o", tmp_path / "out", cwd=repository / start)
    project = tree(tmp_path / "out" / "digit-recognizer")
    engine = tree(repository / "packages/compete")
    assert {f"packages/compete/{name}": data for name, data in engine.items()}.items() <= (
        project.items()
    )


def test_another_template_in_the_current_folder_has_no_say(
    run: Run, repository: Path, tree: Tree, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(repository, other)
    (other / "packages/compete/README.md").write_text("Other.\n", encoding="utf-8")
    (other / "hooks/answers.py").write_text("raise RuntimeError('other')\n", encoding="utf-8")
    arguments = ("cookiecutter", repository, *COMPETITION, "--no-input", "-o", tmp_path / "out")
    run(*arguments, cwd=other / "template/competition")
    copied = tree(tmp_path / "out/digit-recognizer/packages/compete")
    assert copied == tree(repository / "packages/compete")


def test_cruft_gives_the_same_tree_and_no_repository_of_its_own(
    run: Run, repository: Path, tree: Tree, tmp_path: Path
) -> None:
    run("cookiecutter", repository, "--no-input", "-o", tmp_path / "own")
    where = (*COMPETITION, "--no-input", "--output-dir", tmp_path)
    run("cruft", "create", repository, *where)
    made = tmp_path / "digit-recognizer"
    assert not (made / ".git").exists()
    files = tree(made)
    del files[".cruft.json"]
    assert files == tree(tmp_path / "own/digit-recognizer")


def test_the_project_comes_from_the_files_and_not_from_what_git_has(
    run: Run, repository: Path, tmp_path: Path
) -> None:
    (repository / "packages/compete/new.txt").write_text("Not committed.\n", encoding="utf-8")
    run("cookiecutter", repository, "--no-input", "-o", tmp_path / "out")
    assert (tmp_path / "out/digit-recognizer/packages/compete/new.txt").is_file()
