"""The notebook, kept as Python in jupytext's percent format, and made into an .ipynb."""

import json
from pathlib import Path

from compete.files import write_json, write_text
from compete.kernels.percent import to_ipynb

SOURCES = Path(__file__).parent / "notebooks"


def write_notebook(
    source: str, folder: Path, names: dict[str, str], *, installs: bool = True
) -> None:
    """Write `notebook.py` and the `notebook.ipynb` made of it.

    Args:
        source: a file of `SOURCES`.
        folder: where to write.
        names: what stands for each placeholder of the source.
        installs: whether the file comes first that finds and installs the inputs.
    """
    parts = ("inputs.py", source) if installs else (source,)
    texts = [(SOURCES / name).read_text(encoding="utf-8") for name in parts]
    text = "\n".join(texts)
    for placeholder, name in names.items():
        text = text.replace(placeholder, name)
    write_text(folder / "notebook.py", text)
    write_json(folder / "notebook.ipynb", to_ipynb(text))


def code_cells(path: Path) -> list[str]:
    """Return the source of a notebook's cells of code."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
