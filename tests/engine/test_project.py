"""The engine finds the author's package by its entry point, and says what is missing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from authors import install

from compete import project
from compete.errors import Fault

Edit = Callable[..., Path]


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    project.package.cache_clear()
    yield
    project.package.cache_clear()


def test_names_are_looked_up_in_the_package_of_the_entry_point(edit_author: Edit) -> None:
    folder = edit_author("tabular")
    assert project.package() == folder.name
    settings = project.author("settings", "Settings")
    assert settings.__module__ == f"{folder.name}.settings"
    assert project.task_module("load").__name__ == "compete.tasks.tabular.load"
    assert project.workflow_module("train").__name__ == "compete.supervised.train"
    report = project.portfolio_module("report")
    assert report.__name__ == "compete.portfolio.supervised.report"


def test_without_a_project_it_says_which_line_is_missing() -> None:
    with pytest.raises(Fault, match=r"No project is installed.*\n\[project.entry-points.compete\]"):
        project.package()


def test_two_projects_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for task in ("image", "tabular"):
        monkeypatch.syspath_prepend(str(install(task, tmp_path / task)))
    with pytest.raises(Fault, match=r"Several projects .*: author_image, author_tabular\."):
        project.package()


def test_a_name_that_the_author_lacks_is_refused_with_the_file(edit_author: Edit) -> None:
    name = edit_author("tabular", "model.py", "class Model(", "class Modell(").name
    with pytest.raises(Fault, match=rf"{name}\.model has no Model.*src/{name}/model\.py"):
        project.author("model", "Model")


def test_a_module_may_be_missing_where_there_is_a_default(edit_author: Edit) -> None:
    folder = edit_author("tabular")
    (folder / "metrics.py").unlink()
    assert project.module("metrics") is None
    assert project.author("metrics", "METRICS", ()) == ()
    with pytest.raises(Fault, match=rf"{folder.name}\.metrics has no METRICS"):
        project.author("metrics", "METRICS")


def test_an_error_in_the_authors_own_code_is_not_hidden(edit_author: Edit) -> None:
    edit_author("tabular", "metrics.py", "import nowhere_to_be_found\n")
    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"):
        project.author("metrics", "METRICS", ())


def test_a_line_that_is_no_python_is_refused_with_its_place(edit_author: Edit) -> None:
    edit_author("tabular", "features.py", "def broken(:")
    with pytest.raises(Fault, match=r"features\.py, line \d+, is not valid Python"):
        project.author("features", "add_columns")
