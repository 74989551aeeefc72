"""The notebook, kept as Python in jupytext's percent format, and made into an .ipynb."""

import json
import re
from pathlib import Path
from typing import Any

from compete.files import write_json, write_text

SOURCES = Path(__file__).parent / "notebooks"
_CELL = re.compile(r"^# %%(?P<kind> \[markdown\])?[^\n]*$", re.MULTILINE)


def write_notebook(source: str, folder: Path, names: dict[str, str]) -> None:
    """Write `notebook.py` and the `notebook.ipynb` made of it.

    Args:
        source: a file of `SOURCES`.
        folder: where to write.
        names: what stands for each placeholder of the source.
    """
    text = (SOURCES / source).read_text(encoding="utf-8")
    for placeholder, name in names.items():
        text = text.replace(placeholder, name)
    write_text(folder / "notebook.py", text)
    write_json(folder / "notebook.ipynb", to_ipynb(text))


def to_ipynb(text: str) -> dict[str, Any]:
    """Return the notebook (nbformat 4.5) of a script in the percent format.

    Args:
        text: cells that begin with `# %%`, or with `# %% [markdown]` and are comments.
    """
    marks = list(_CELL.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    cells = []
    for number, (mark, end) in enumerate(zip(marks, ends, strict=True)):
        body = text[mark.end() : end].strip("\n")
        cell: dict[str, Any] = {"id": f"cell-{number}", "metadata": {}}
        if mark["kind"]:
            body = re.sub(r"^# ?", "", body, flags=re.MULTILINE)
            cell |= {"cell_type": "markdown"}
        else:
            cell |= {"cell_type": "code", "execution_count": None, "outputs": []}
        cells.append(cell | {"source": body.splitlines(keepends=True)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def code_cells(path: Path) -> list[str]:
    """Return the source of a notebook's cells of code."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
