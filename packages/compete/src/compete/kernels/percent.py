"""Notebooks of scripts in jupytext's percent format.

It needs Python alone: the template's hook runs this file too, where no engine is installed.
"""

import re
from typing import Any

_CELL = re.compile(r"^# %%(?P<kind> \[markdown\])?[^\n]*$", re.MULTILINE)


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
