"""cruft: the same tree, no repository of ours in its way, and updates without rejects."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import REPOSITORY, outside_environment

TREE = "template/competition/{{cookiecutter.project_slug}}"


def run(folder: Path, *command: str | Path) -> str:
    identity = {
        "GIT_AUTHOR_NAME": "Test",
        "GIT_AUTHOR_EMAIL": "test@example.com",
        "GIT_COMMITTER_NAME": "Test",
        "GIT_COMMITTER_EMAIL": "test@example.com",
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env=outside_environment() | identity,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def commit(folder: Path, message: str) -> None:
    run(folder, "git", "add", "--all")
    run(folder, "git", "commit", "--quiet", "--message", message)


def cruft(folder: Path, *arguments: str | Path) -> str:
    return run(folder, sys.executable, "-m", "cruft", *arguments)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A copy of the template in a repository of its own, with one commit."""
    copy = tmp_path / "template-repository"
    ignored = shutil.ignore_patterns("__pycache__", ".ruff_cache", ".mypy_cache")
    shutil.copytree(REPOSITORY / "template", copy / "template", ignore=ignored)
    shutil.copy(REPOSITORY / "cookiecutter.json", copy)
    run(copy, "git", "init", "--quiet")
    commit(copy, "The version that the project is made of")
    return copy


@pytest.fixture
def project(template: Path, tmp_path: Path) -> Path:
    """A project made by cruft, with the first commit that its last lines ask for."""
    where = ("--directory", "template/competition", "--no-input", "--output-dir", tmp_path)
    said = cruft(tmp_path, "create", template, *where).splitlines()
    assert "if it is new: git init -b main, git add ., git commit" in said[-3]
    made = tmp_path / "digit-recognizer"
    assert not (made / ".git").exists()
    run(made, "git", "init", "--quiet", "-b", "main")
    commit(made, "Start")
    return made


def test_cruft_gives_the_same_tree(project: Path, baseline: Path) -> None:
    def names(root: Path) -> set[str]:
        return {
            path.relative_to(root).as_posix()
            for path in root.rglob("*")
            if path.is_file() and ".git" not in path.parts
        }

    assert names(project) == names(baseline) | {".cruft.json"}
    for name in names(baseline):
        assert (project / name).read_bytes() == (baseline / name).read_bytes(), name


def test_an_update_changes_what_the_template_changed_and_nothing_else(
    template: Path, project: Path
) -> None:
    mine = project / "src" / "digit_recognizer" / "modeling" / "model.py"
    mine.write_text(mine.read_text(encoding="utf-8") + "\n# Mine.\n", encoding="utf-8")
    notes = project / "README.md"
    notes.write_text(notes.read_text(encoding="utf-8") + "\nMy notes.\n", encoding="utf-8")
    commit(project, "My own work")

    tree = template / TREE
    package = tree / "src" / "{{cookiecutter.package_name}}"
    overlay = tree / "tasks" / "image" / "src" / "{{cookiecutter.package_name}}" / "modeling"
    errors = package / "errors.py"
    errors.write_text("# Newer.\n" + errors.read_text(encoding="utf-8"), encoding="utf-8")
    (package / "brand_new.py").write_text("NEW = True\n", encoding="utf-8")
    model = overlay / "model.py"
    model.write_text("# Newer.\n" + model.read_text(encoding="utf-8"), encoding="utf-8")
    readme = tree / "README.md"
    readme.write_text(
        readme.read_text(encoding="utf-8").replace("\n", "\n\nNewer.\n", 1), encoding="utf-8"
    )
    commit(template, "A newer version")

    assert "has been updated" in cruft(project, "update", "--skip-apply-ask")
    changed = {line[3:] for line in run(project, "git", "status", "--porcelain").splitlines()}
    assert changed == {
        ".cruft.json",
        "README.md",
        "src/digit_recognizer/brand_new.py",
        "src/digit_recognizer/errors.py",
        "src/digit_recognizer/modeling/model.py",
    }
    assert list(project.rglob("*.rej")) == []
    merged = mine.read_text(encoding="utf-8")
    assert merged.startswith("# Newer.\n")
    assert merged.endswith("\n# Mine.\n")
    assert "Newer.\n" in notes.read_text(encoding="utf-8")
    assert notes.read_text(encoding="utf-8").endswith("\nMy notes.\n")
    assert "<<<<<<<" not in merged + notes.read_text(encoding="utf-8")
    commit(project, "Update")
    cruft(project, "check")
    assert cruft(project, "diff") != ""
