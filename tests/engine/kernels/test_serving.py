"""The notebook's cell that starts an inference server, beside a package like Kaggle's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from practice_kaggle import kaggle_evaluation
from samples import write

from compete.files import RAW
from compete.kernels.inference_server import find_server
from compete.kernels.notebook import code_cells, write_notebook

# Of an author who answers batches alone; it reads a file of the project.
SERVE = """
from pathlib import Path
def predict(sample, test):
    add = int(Path("data/processed/add.txt").read_text())
    return sample.with_columns(y=test["x"] + add)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What `compete kernel build` puts into a dataset's folder `project`, without any model."""
    folder = tmp_path / "project"
    write(folder / "contract.yaml", "{}")
    write(folder / "data/processed/add.txt", "5")
    write(folder / "src/mine/__init__.py", "")
    write(folder / "src/mine/serve.py", SERVE)
    write(folder / "src/mine-0.dist-info/METADATA", "Metadata-Version: 2.1\nName: mine\nVersion: 0")
    write(folder / "src/mine-0.dist-info/entry_points.txt", "[compete]\nproject = mine\n")
    return folder


def test_the_submission_lies_where_kaggle_looks_for_it(project: Path, tmp_path: Path) -> None:
    """The gateway runs in the notebook's process: prediction must not move its working folder."""
    data, working = tmp_path / RAW, tmp_path / "working"
    write(data / "test.csv", "id,x\n1,10\n2,20\n")
    write(data / "sample_submission.csv", "id,y\n1,0\n2,0\n")
    shutil.copytree(Path(kaggle_evaluation.__file__).parent, data / "kaggle_evaluation")
    server = find_server(data)
    assert server is not None
    names = {"SERVER_MODULE": server.module, "SERVER_CLASS": server.name}
    write_notebook("serve.py", tmp_path / "notebook", names)
    begin = "import os, sys\nfrom pathlib import Path\n"
    begin += f"project, data = Path({str(project)!r}), Path({str(data)!r})\n"
    working.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", begin + code_cells(tmp_path / "notebook/notebook.ipynb")[-1]],
        cwd=working,
        env={**os.environ, "KAGGLE_IS_COMPETITION_RERUN": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    made = pl.read_parquet(working / "submission.parquet")
    assert made.rows() == [(1, 15), (2, 25)]
