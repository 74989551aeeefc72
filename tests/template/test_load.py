"""The shared hooks are loaded afresh each time, since two versions may meet in one process."""

import os
import runpy
import sys
from pathlib import Path
from types import ModuleType

import pytest


def load(repository: Path) -> ModuleType:
    """Load the competition's hooks as its extension does."""
    function = runpy.run_path(str(repository / "hooks/load.py"))["load"]
    module: ModuleType = function("hooks.competition", check_machine=False)
    return module


def test_a_newer_file_counts_although_python_would_take_it_for_the_older(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = repository / "hooks/answers.py"
    assert load(repository).answer_errors({"author_email": "x"})
    before = file.stat()
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("is not an e-mail address", "is NOT an e-mail address"), "utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size
    (reason,) = load(repository).answer_errors({"author_email": "x"})["author_email"]
    assert reason.startswith("is NOT")
    assert list((repository / "hooks").rglob("*.pyc")) == []


def test_other_modules_of_the_same_name_are_neither_used_nor_lost(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hooks() -> dict[str, ModuleType]:
        return {name: sys.modules[name] for name in sys.modules if name.split(".")[0] == "hooks"}

    for name in hooks():
        monkeypatch.delitem(sys.modules, name)
    foreign = {name: ModuleType(name) for name in ("hooks", "hooks.answers")}
    for name, module in foreign.items():
        monkeypatch.setitem(sys.modules, name, module)
    path = [*sys.path]
    assert load(repository).answer_errors({"author_email": "x"})
    assert hooks() == foreign
    assert sys.path == path
