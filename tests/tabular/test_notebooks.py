"""The notebooks for Colab and Kaggle, executed where stand-ins play the platforms."""

import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import practice_kaggle
import pytest
from end_to_end import EndToEndRun
from github_stand_in import serve
from materialise import change
from nbclient import NotebookClient
from practice_kaggle.environment import overlaid
from support import Project, outside_environment

pytestmark = pytest.mark.slow

SECRETS = {"KAGGLE_API_TOKEN": "practice-token", "GITHUB_TOKEN": "github-token"}
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


TINY = {"model.k": 2, "model.width": 8, "model.trees": 5, "model.bags": 1, "trainer.max_epochs": 1}


def commit(project: Project, folder: Path, *names: str) -> None:
    """Commit files of a repository."""
    author = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    project.run("git", "-C", str(folder), "add", *names)
    project.run("git", "-C", str(folder), *author, "commit", "--quiet", "--message", "Change")


def execute(path: Path, folder: Path, env: dict[str, str], **changed: str) -> str:
    """Execute a notebook in `folder`, which stands for its platform; return what it printed.

    Args:
        path: of the notebook.
        folder: where it works.
        env: the variables.
        changed: values of its first cell, as Python.
    """
    notebook = nbformat.read(path, as_version=4)
    places = re.compile(r'"(/content|/tmp|/kaggle/working)"')
    for cell in notebook.cells:
        cell.source = places.sub(repr(folder.as_posix()), cell.source)
        for name, value in changed.items():
            cell.source = re.sub(f"^{name} = .*$", f"{name} = {value}", cell.source, flags=re.M)
    client = NotebookClient(notebook, timeout=600, kernel_name="python3")
    client.execute(env=env, cwd=str(folder))
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs)


@pytest.mark.long
def test_the_notebooks_train_and_bring_everything_back(
    run_end_to_end: Callable[[str], EndToEndRun], tmp_path: Path
) -> None:
    """Colab gives a zip file, here and in a release; Kaggle goes on with that of DVC's remote."""
    run = run_end_to_end("tabular")
    project, remote, work = run.project, tmp_path / "remote", tmp_path / "work"
    repository = tmp_path / "github.com/ada/cancer"
    project.run("git", "clone", "--quiet", ".", str(repository))
    change(repository, TINY)
    text = f"[core]\n    remote = home\n['remote \"home\"']\n    url = {remote.as_posix()}\n"
    (repository / ".dvc" / "config").write_text(text, encoding="utf-8")
    commit(project, repository, "params.yaml", ".dvc/config")
    for name, code in STAND_INS.items():
        (tmp_path / "stand-ins" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "stand-ins" / name).write_text(code, encoding="utf-8")
    work.mkdir()
    notebooks = project.path / "notebooks"
    with practice_kaggle.serve(run.practice) as server, serve(tmp_path) as github:
        github.repo = {"name": "cancer"}
        env = overlaid(outside_environment(), server.env)
        env |= {"PYTHONPATH": str(tmp_path / "stand-ins"), "UV_OFFLINE": "1"}
        env |= {"UV_PROJECT_ENVIRONMENT": str(tmp_path / "environment")}
        address = {"REPOSITORY": repr(repository.as_posix())}
        on_colab = execute(notebooks / "colab.ipynb", work, env, **address)
        trained = work / "cancer"
        with zipfile.ZipFile(work / "results.zip") as archive:
            names = set(archive.namelist())
            archive.extractall(repository)
        there = Project(trained, tmp_path / "environment")
        there.run("dvc", "push")
        hub = {"GITHUB_API_URL": f"https://localhost:{github.port}/api/v3"}
        hub |= {"REQUESTS_CA_BUNDLE": str(tmp_path / "cert.pem")}
        hub |= dict.fromkeys(("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"), "")
        to_release = execute(notebooks / "colab.ipynb", work, env | hub, **address, RELEASE="True")
        (release,) = github.releases.values()
        commit(project, repository, "dvc.lock", "contract.yaml", "reports")
        shutil.rmtree(trained)
        on_kaggle = execute(notebooks / "kaggle.ipynb", work, env, **address, DVC_REMOTE="True")
    for said in (on_colab, to_release, on_kaggle):
        assert not [secret for secret in SECRETS.values() if secret in said]
        assert "rules accepted" in said  # what `compete doctor` found
    assert {"runs/base/fold0/model.safetensors", "submissions/submission.csv"} <= names
    assert "Running stage 'train'" in on_colab
    assert "downloading" in on_colab
    assert "downloading" not in to_release
    assert release["draft"]
    assert (tmp_path / "results.zip").read_bytes() == (work / "results.zip").read_bytes()
    assert "Stage 'train' didn't change, skipping" in on_kaggle
    weights = "runs/base/fold0/model.safetensors"
    assert (trained / weights).read_bytes() == (repository / weights).read_bytes()
