"""The layers of the engine, as import-linter holds them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import REPOSITORY


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("kaggle/client.py", "from compete.supervised import folds"),
        ("supervised/folds.py", "from compete.kaggle import client"),
        ("metrics/registry.py", "from compete import contract"),
        ("supervised/folds.py", "import kaggle"),
        ("portfolio/project_state.py", "from compete.kaggle import ledger"),
        ("portfolio/project_state.py", "from compete.supervised import folds"),
        ("portfolio/project_state.py", "from compete.portfolio.supervised import state"),
        ("portfolio/simulation/state.py", "from compete import problems"),
        ("tasks/simulation/match.py", "from compete.supervised import folds"),
        ("tasks/simulation/search/connectx.py", "import torch"),
        ("tasks/text/load.py", "from compete.tasks.image import load"),
        ("training/settings.py", "from compete.supervised import folds"),
    ],
)
def test_an_import_across_the_layers_is_found(tmp_path: Path, module: str, line: str) -> None:
    shutil.copytree(REPOSITORY / "packages/compete/src", tmp_path / "src")
    with (tmp_path / "src/compete" / module).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache", "--config", REPOSITORY / "pyproject.toml"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "src")},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 1, done.stdout
    assert "is not allowed to import" in done.stdout
