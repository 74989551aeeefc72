"""Finds paths of one machine in the notebook and in the project's code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from compete.errors import Fault
from compete.kernels.notebook import code_cells

_PATH = re.compile(r"^(~?/[\w.-]+/|~/|[A-Za-z]:[\\/])")
_USUAL = {"Users", "content", "data", "home", "kaggle", "media", "mnt", "root", "srv"}
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
                if _is_of_a_machine(value):
                    yield Fault(
                        f"{name}, line {node.lineno}, names a path of this machine, which Kaggle "
                        f"does not have: {value}",
                        "Keep the file below src/ or data/, name it by a path within the project, "
                        "and build again.",
                    )


def _is_of_a_machine(value: str) -> bool:
    """Return whether a string is a path in a folder that this machine, or another one, has."""
    if "\n" in value or len(value) > 300 or value.startswith(_OF_SYSTEMS):
        return False
    if not _PATH.match(value):
        return False
    top = value.split("/")[1] if value.startswith("/") else ""
    return not top or top in _USUAL or Path("/", top).exists()  # else it may be of an address
