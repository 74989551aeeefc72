"""Fixtures of the engine's tests that need the author's part of a task, as the template has it."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from authors import install
from samples import make_contract

from compete import project
from compete.contract import Contract

_NUMBERS = count()


@pytest.fixture(scope="session")
def contract() -> Callable[..., Contract]:
    """Make a contract of two classes scored by accuracy; keywords change its values."""
    return make_contract


@pytest.fixture(scope="session")
def authors(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`authors("image")` gives a folder for `sys.path` that holds the author's part of a task."""
    found: dict[str, Path] = {}

    def folder(task: str) -> Path:
        if task not in found:
            found[task] = install(task, tmp_path_factory.mktemp(f"author_{task}"))
        return found[task]

    return folder


@pytest.fixture(scope="module")
def author(request: pytest.FixtureRequest, authors: Callable[[str], Path]) -> Iterator[str]:
    """The import name of the author's package of the task that the module's `TASK` names."""
    task = request.module.TASK
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(authors(task)))
        project.package.cache_clear()
        yield f"author_{task}"
    project.package.cache_clear()


@pytest.fixture
def edit_author(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """`edit_author("tabular", "model.py", old, new)` installs a task's package with one edit.

    It gives the package's folder, whose name no other package has; without `new`, `old` is what
    the file ends with.
    """

    def run(task: str, file: str = "", old: str = "", new: str | None = None) -> Path:
        name = f"author_{next(_NUMBERS)}"
        folder = install(task, tmp_path / "author", name) / name
        if file:
            text = (folder / file).read_text(encoding="utf-8")
            assert new is None or text.count(old) == 1
            text = f"{text}\n\n{old}" if new is None else text.replace(old, new)
            (folder / file).write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(str(folder.parent))
        project.package.cache_clear()
        return folder

    yield run
    project.package.cache_clear()


@pytest.fixture
def within(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in the folder of the competition that the test's module has prepared."""
    monkeypatch.chdir(prepared)
    return prepared


@pytest.fixture(scope="session")
def make() -> Callable[..., Any]:
    """`make("--model.lr", "0.1")` gives the data and the model that fold 0 would start with."""

    def run(*overrides: str) -> Any:
        from compete.supervised.fit import build
        from compete.training.config import load_config

        return build(load_config("base", overrides), Contract.load(), 0)

    return run


@pytest.fixture(scope="session")
def fit() -> Callable[..., Any]:
    """`fit("--model.lr", "0.1")` trains fold 0 anew and gives what was kept of it."""

    def run(*overrides: str) -> Any:
        from safetensors.torch import load_file

        from compete.supervised.train import train

        train(0, None, list(overrides))
        return load_file("runs/base/fold0/model.safetensors")

    return run
