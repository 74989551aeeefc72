"""The notebooks of a project: made of their scripts, and told where the project is."""

from pathlib import Path

import jupytext
import nbformat
import pytest
from support import Render

NAMES = ("colab", "kaggle")


@pytest.fixture(scope="module")
def notebooks(render: Render) -> Path:
    return render(competition="titanic", github_username="ada") / "notebooks"


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_its_script(notebooks: Path, name: str) -> None:
    made = nbformat.read(notebooks / f"{name}.ipynb", as_version=4)
    nbformat.validate(made)
    script = jupytext.read(notebooks / f"{name}.py")
    cells = [[(cell.cell_type, cell.source) for cell in found.cells] for found in (made, script)]
    assert cells[0] == cells[1]


@pytest.mark.parametrize("name", NAMES)
def test_badge_and_notebook_lead_to_the_repository(notebooks: Path, name: str) -> None:
    readme = (notebooks.parent / "README.md").read_text(encoding="utf-8")
    assert f"github.com/ada/titanic/blob/main/notebooks/{name}.ipynb" in readme or (
        f"github/ada/titanic/blob/main/notebooks/{name}.ipynb" in readme
    )
    text = (notebooks / f"{name}.ipynb").read_text(encoding="utf-8")
    assert "https://github.com/ada/titanic" in text
    assert "USERNAME" not in text
