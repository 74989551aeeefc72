"""The notebooks for Colab and Kaggle, executed where stand-ins play the platforms."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import practice_kaggle
import pytest
from end_to_end import EndToEndRun
from nbclient import NotebookClient
from practice_kaggle.environment import overlaid
from support import outside_environment

pytestmark = pytest.mark.slow

SECRETS = {"KAGGLE_API_TOKEN": "practice-token"}
USERDATA = f"""
class SecretNotFoundError(Exception): pass
class NotebookAccessError(Exception): pass
def get(name):
    if name not in {SECRETS}: raise SecretNotFoundError(name)
    return {SECRETS}[name]
"""
STAND_INS = {
    "google/colab/__init__.py": "",
    "google/colab/userdata.py": USERDATA,
    "google/colab/files.py": "def download(path): print('downloading', path)",
    "kaggle_secrets.py": f"""
class BackendError(Exception): pass
class UserSecretsClient:
    def get_secret(self, label):
        if label not in {SECRETS}: raise BackendError(label)
        return {SECRETS}[label]
""",
}


def publish(run: EndToEndRun, folder: Path) -> Path:
    """Make a repository of a finished project, whose results lie in its DVC cache only."""
    project = run.project
    project.run("git", "clone", "--quiet", ".", str(folder))
    for name in ("dvc.lock", "contract.yaml"):
        shutil.copy(project.path / name, folder / name)
    author = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    project.run("git", "-C", str(folder), "add", "--force", "dvc.lock", "contract.yaml")
    project.run("git", "-C", str(folder), *author, "commit", "--quiet", "-m", "Trained")
    return folder


@pytest.mark.parametrize("name", ["colab", "kaggle"])
def test_a_notebook_trains_and_brings_everything_back(
    run_end_to_end: Callable[[str], EndToEndRun], tmp_path: Path, name: str
) -> None:
    """What was trained already is taken from DVC's cache, so that only the notebook takes time."""
    run = run_end_to_end("tabular")
    repository = publish(run, tmp_path / "titanic.git")
    for path, text in STAND_INS.items():
        (tmp_path / "stand-ins" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "stand-ins" / path).write_text(text, encoding="utf-8")
    (tmp_path / "dvc").mkdir()
    cache = (run.project.path / ".dvc/cache").as_posix()
    (tmp_path / "dvc" / "config").write_text(f"[cache]\n    dir = {cache}\n", encoding="utf-8")
    (tmp_path / "work").mkdir()
    notebook = nbformat.read(run.project.path / "notebooks" / f"{name}.ipynb", as_version=4)
    address = next(
        line.split('"')[1] for line in notebook.cells[1].source.splitlines() if "REPOSITORY" in line
    )
    places = {"/content": "work", "/tmp": "work", "/kaggle/working": "work"}
    for cell in notebook.cells:
        cell.source = cell.source.replace(address, repository.as_posix())
        for place, ours in places.items():
            cell.source = cell.source.replace(f'"{place}"', repr((tmp_path / ours).as_posix()))
    with practice_kaggle.serve(run.practice) as server:
        env = overlaid(outside_environment(), server.env)
        env |= {
            "PYTHONPATH": str(tmp_path / "stand-ins"),
            "DVC_GLOBAL_CONFIG_DIR": str(tmp_path / "dvc"),
        }
        env |= {"UV_OFFLINE": "1"}
        NotebookClient(notebook, timeout=600, kernel_name="python3").execute(
            env=env, cwd=str(tmp_path / "work")
        )
    said = "".join(
        output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])
    )
    assert "practice-token" not in said
    assert "skipping run" in said or "didn't change" in said, said
    with zipfile.ZipFile(tmp_path / "work" / "results.zip") as archive:
        archive.extractall(tmp_path / "home")
    for path in ("runs/base/fold0/model.safetensors", "submissions/submission.csv"):
        assert (tmp_path / "home" / path).read_bytes() == (run.project.path / path).read_bytes()
