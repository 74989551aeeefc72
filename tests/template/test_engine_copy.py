"""A project holds the engine byte for byte, and nothing that running it in place left behind."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support import REPOSITORY

Run = Callable[..., subprocess.CompletedProcess[str]]
Git = Callable[..., str]
Tree = Callable[[Path], dict[str, bytes]]
ENGINE = "packages/compete"
LEFTOVERS = [
    ".coverage",
    ".hypothesis/unicode_data/x",
    ".mypy_cache/x.json",
    ".pytest_cache/README.md",
    ".ruff_cache/x",
    ".venv/bin/python",
    "build/lib/x.py",
    "dist/compete.whl",
    "htmlcov/index.html",
    "src/compete.egg-info/PKG-INFO",
    "src/compete/__pycache__/cli.cpython-311.pyc",
    "src/compete/__pycache__/cli.cpython-311.pyc.140234",  # half written
    "src/compete/gone/__pycache__/x.cpython-311.pyc",
    "tests/.coverage.host.1",
    "uv.lock",
]


def test_the_engine_of_this_repository_is_copied_byte_for_byte(
    baseline: Path, tree: Tree, git: Git
) -> None:
    listed = git(
        REPOSITORY, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ENGINE
    )
    names = [name for name in listed.split("\0") if name and (REPOSITORY / name).is_file()]
    assert names
    engine = {name: (REPOSITORY / name).read_bytes() for name in names}
    assert {name: data for name, data in tree(baseline).items() if name.startswith(ENGINE)} == (
        engine
    )


def test_what_running_the_engine_left_behind_stays_there(
    run: Run, repository: Path, tree: Tree, tmp_path: Path
) -> None:
    before = tree(repository / ENGINE)
    for name in LEFTOVERS:
        path = repository / ENGINE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\xcb\r\r\n{{ x \x90")
    run("cookiecutter", repository, "--no-input", "-o", tmp_path / "out")
    copied = tmp_path / "out/digit-recognizer" / ENGINE
    assert tree(copied) == before
    assert not (copied / "src/compete/gone").exists()


@pytest.mark.parametrize("name", ["src/compete/build/x.py", "src/compete/dist.py", "src/x.bin"])
def test_a_file_that_only_looks_like_a_leftover_is_copied(
    run: Run, repository: Path, tmp_path: Path, name: str
) -> None:
    path = repository / ENGINE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x00\xff{{\r\n")
    path.chmod(0o755)
    run("cookiecutter", repository, "--no-input", "-o", tmp_path / "out")
    copied = tmp_path / "out/digit-recognizer" / ENGINE / name
    assert copied.read_bytes() == path.read_bytes()
    assert copied.stat().st_mode == path.stat().st_mode


def test_the_first_commit_holds_every_file(baseline: Path, tree: Tree, git: Git) -> None:
    assert set(git(baseline, "ls-files", "-z").split("\0")) - {""} == set(tree(baseline))


def test_rendering_again_replaces_an_older_engine(
    run: Run, repository: Path, tree: Tree, tmp_path: Path
) -> None:
    render = ("cookiecutter", repository, "--no-input", "-o", tmp_path / "out")
    run(*render)
    copied = tmp_path / "out/digit-recognizer" / ENGINE
    (copied / "src/compete/older.py").write_text("OLDER = True\n", encoding="utf-8")
    run(*render, "--overwrite-if-exists")
    assert tree(copied) == tree(repository / ENGINE)


@pytest.mark.parametrize("way", ["cookiecutter", "cruft"])
def test_without_its_engine_the_template_is_refused_in_a_sentence(
    run: Run, repository: Path, git: Git, tmp_path: Path, way: str
) -> None:
    git(repository, "rm", "-r", "--quiet", ENGINE)
    git(repository, "commit", "--quiet", "--message", "Lose the engine")
    out = tmp_path / "out"
    out.mkdir()
    where = ("--directory", "template/competition", "--no-input", "--output-dir", out)
    verb = ["cruft", "create"] if way == "cruft" else ["cookiecutter"]
    done = run(*verb, repository, *where, fails=1)
    said = " ".join((done.stdout + done.stderr).split())
    assert "Nothing was written. The engine is missing:" in said
    if way == "cookiecutter":
        assert len(done.stdout.splitlines()) == 1
        assert done.stderr == ""
    assert list(out.iterdir()) == []
