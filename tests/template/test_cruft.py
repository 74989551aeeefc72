"""cruft: updates that bring the template's newer files and engine, without rejects."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
Git = Callable[..., str]
Tree = Callable[[Path], dict[str, bytes]]
PROJECT_TREE = "template/competition/{{cookiecutter.project_slug}}"
WHERE = ("--directory", "template/competition", "--no-input", "--output-dir")
ENGINE = "packages/compete"


def commit(git: Git, folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Another version")


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def replace(path: Path, old: str, new: str) -> None:
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new), encoding="utf-8")


@pytest.fixture
def project(run: Run, git: Git, repository: Path, tmp_path: Path) -> Path:
    """A project made by cruft, with the first commit that its last lines ask for."""
    said = run("cruft", "create", repository, *WHERE, tmp_path).stdout.splitlines()
    assert "if it is new: git init -b main, git add ., git commit" in said[-3]
    made = tmp_path / "digit-recognizer"
    git(made, "init", "--quiet", "-b", "main")
    commit(git, made)
    return made


def test_an_update_changes_what_the_template_changed_and_keeps_the_authors_work(
    run: Run, git: Git, repository: Path, project: Path
) -> None:
    (found,) = (project / "src").rglob("model.py")
    model = found.relative_to(project).as_posix()
    append(project / model, "\n# Mine.\n")
    append(project / "README.md", "\nMy notes.\n")
    commit(git, project)

    tree = repository / PROJECT_TREE
    package = "src/{{cookiecutter.package_name}}"
    theirs = tree / "tasks/image" / model.replace("src/digit_recognizer", package)
    theirs.write_text("# Newer.\n" + theirs.read_text(encoding="utf-8"), encoding="utf-8")
    (tree / package / "brand_new.py").write_text("NEW = True\n", encoding="utf-8")
    readme = tree / "README.md"
    readme.write_text(
        readme.read_text(encoding="utf-8").replace("\n", "\n\nNewer.\n", 1), encoding="utf-8"
    )
    commit(git, repository)

    assert "has been updated" in run("cruft", "update", "--skip-apply-ask", cwd=project).stdout
    changed = {line.split()[-1] for line in git(project, "status", "--porcelain").splitlines()}
    assert changed == {".cruft.json", "README.md", "src/digit_recognizer/brand_new.py", model}
    assert list(project.rglob("*.rej")) == []
    for name, first, last in ((model, "# Newer.\n", "\n# Mine.\n"), ("README.md", "#", "notes.\n")):
        merged = (project / name).read_text(encoding="utf-8")
        assert merged.startswith(first)
        assert merged.endswith(last)
        assert "Newer.\n" in merged
        assert "<<<<<<<" not in merged
    commit(git, project)
    run("cruft", "check", cwd=project)
    assert "Mine." in run("cruft", "diff", cwd=project).stdout


def test_an_update_brings_exactly_the_new_engine(
    run: Run, git: Git, repository: Path, project: Path, tree: Tree, tmp_path: Path
) -> None:
    engine = repository / ENGINE
    sources = sorted(path for path in (engine / "src").rglob("*.py") if path.stat().st_size)
    append(sources[0], "\n\nNEWER = True\n")
    sources[-1].unlink()
    (engine / "src/compete/brand_new").mkdir()
    (engine / "src/compete/brand_new/__init__.py").write_text('"""New."""\n', encoding="utf-8")
    (engine / "src/compete/brand_new/data.bin").write_bytes(b"\x00\xff\r\n")
    commit(git, repository)

    run("cruft", "update", "--skip-apply-ask", cwd=project)
    assert list(project.rglob("*.rej")) == []
    run("cookiecutter", repository, "--no-input", "-o", tmp_path / "fresh")
    updated = tree(project)
    del updated[".cruft.json"]
    assert updated == tree(tmp_path / "fresh/digit-recognizer")
    assert tree(project / ENGINE) == tree(engine)
    commit(git, project)
    run("cruft", "diff", "--exit-code", cwd=project)


def test_each_version_is_rendered_by_its_own_hooks(
    run: Run, git: Git, repository: Path, project: Path
) -> None:
    # Of the same size, and written in the same second as the older one is read by Python.
    replace(repository / "hooks/competition.py", "installs everything", "installs ANYTHING!!")
    replace(
        repository / "hooks/extension.py",
        "for function in (",
        'environment.filters["newer"] = lambda answers: "from the newer filter"\n'
        "    for function in (",
    )
    replace(
        repository / "template/competition/cookiecutter.json",
        '  "__checked"',
        '  "__newer": "{{ cookiecutter | newer }}",\n  "__checked"',
    )
    replace(repository / PROJECT_TREE / "README.md", "\n\n", "\n\n{{ cookiecutter.__newer }}\n\n")
    commit(git, repository)

    said = run("cruft", "update", "--skip-apply-ask", cwd=project).stdout
    assert said.index("installs everything") < said.index("installs ANYTHING!!")
    assert "from the newer filter" in (project / "README.md").read_text(encoding="utf-8")


def test_a_second_template_in_one_process_brings_its_own_engine_and_hooks(
    run: Run, git: Git, repository: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(repository, other)
    (other / ENGINE / "README.md").write_text("Other.\n", encoding="utf-8")
    replace(other / "hooks/competition.py", "uv sync  ", "uv other ")
    commit(git, other)
    (tmp_path / "both.py").write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from cruft import create\n"
        "from cookiecutter.main import cookiecutter\n"
        "for number, folder in enumerate(sys.argv[1:]):\n"
        "    relative = Path(folder, 'template/competition').relative_to(Path.cwd())\n"
        "    create(folder, Path(f'cruft{number}'), directory='template/competition')\n"
        "    cookiecutter(folder, no_input=True, output_dir=f'menu{number}')\n"
        "    cookiecutter(str(relative), no_input=True, output_dir=f'relative{number}')\n",
        encoding="utf-8",
    )
    said = run("both", repository, other).stdout
    assert said.count("uv other") == 3
    for number, source in enumerate((repository, other)):
        for way in ("cruft", "menu", "relative"):
            copied = tmp_path / f"{way}{number}" / "digit-recognizer" / ENGINE / "README.md"
            assert copied.read_bytes() == (source / ENGINE / "README.md").read_bytes()
