"""What the small competitions of the tests have in common."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

Rows = list[dict[str, Any]]


def write(path: Path, content: str | bytes) -> Path:
    """Write a text, its line ends as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def as_csv(table: Rows, columns: list[str] | None = None) -> str:
    """The rows as CSV, with the columns of the first."""
    text = io.StringIO()
    names = columns or list(table[0])
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def settle(root: Path, params: Path, usual: dict[str, Any], sections: dict[str, Any]) -> None:
    """Write a params.yaml that is quick to train by, and the one member.

    Args:
        root: the project's folder.
        params: the params.yaml to start from.
        usual: what the task's tests change in it, section by section.
        sections: what this test does.
    """
    values = yaml.safe_load(params.read_text(encoding="utf-8"))
    values["competition"] |= {"slug": "some-competition", "metric": "accuracy"}
    values["trainer"] |= {"max_epochs": 1, "accelerator": "cpu", "devices": 1, "logger": False}
    for changes in (usual, sections):
        for name, section in changes.items():
            values[name] |= section
    write(root / "params.yaml", yaml.safe_dump(values))
    write(root / "members" / "base.yaml", "{}\n")


def prepare_there(root: Path, package: Callable[[str], ModuleType]) -> Path:
    """Run `compete prepare` in a project's folder, and come back."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        package("modeling.prepare").prepare()
    return root
