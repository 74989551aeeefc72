"""Finds paths of one machine in the notebook and in the project's code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from compete.errors import Fault
from compete.kernels.notebook import code_cells

_PATH = re.compile(r"^(~?/[\w.-]+/|~/|[A-Za-z]:[\\/])")
_OF_SYSTEMS = ("/kaggle/input", "/kaggle/working", "/kaggle/temp", "/tmp/", "/dev/", "/proc/")


def hard_coded(notebook: Path, dataset: Path) -> Iterator[Fault]:
    """Yield a fault for each path of this machine in the code that Kaggle runs.

    Args:
        notebook: the folder of the notebook.
        dataset: the folder of the data set, with the author's code.
    """
    sources = [
        (f"cell {number} of the notebook", text)
        for number, text in enumerate(code_cells(notebook / "notebook.ipynb"), start=1)
    ]
    for path in sorted((dataset / "project" / "src").rglob("*.py")):
        sources.append((path.name, path.read_text(encoding="utf-8")))
    for name, text in sources:
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue  # its run tells more
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                value = node.value
                one_line = "\n" not in value and len(value) < 300
                if one_line and _PATH.match(value) and not value.startswith(_OF_SYSTEMS):
                    yield Fault(
                        f"{name}, line {node.lineno}, names a path of this machine, which Kaggle "
                        f"does not have: {value}",
                        "Keep the file below src/ or data/, name it by a path within the project, "
                        "and build again.",
                    )
