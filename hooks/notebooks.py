"""The notebooks of a project: told where its repository is, and made of their scripts."""

import json
import runpy
from collections.abc import Mapping
from pathlib import Path

from .engine import SOURCE

NOTEBOOKS = Path("notebooks")
REPOSITORY = "USERNAME/PROJECT"
"""Stands in the scripts for the repository on GitHub: no Jinja is in Python."""


def write_notebooks(answers: Mapping[str, str]) -> None:
    """Write an .ipynb beside each script in `notebooks/`, for the badges in the README.

    Args:
        answers: The template's answers.
    """
    to_ipynb = runpy.run_path(str(SOURCE / "src/compete/kernels/percent.py"))["to_ipynb"]
    repository = f"{answers['github_username']}/{answers['project_slug']}"
    for script in sorted(NOTEBOOKS.glob("*.py")):
        text = script.read_text(encoding="utf-8").replace(REPOSITORY, repository)
        script.write_text(text, encoding="utf-8", newline="\n")
        notebook = json.dumps(to_ipynb(text), indent=1, ensure_ascii=False)
        path = script.with_suffix(".ipynb")
        path.write_text(f"{notebook}\n", encoding="utf-8", newline="\n")
