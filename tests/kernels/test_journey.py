"""Code competitions: each trained project becomes a notebook, which scores as `predict` does."""

import json
import os
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import practice_kaggle
import pytest
import yaml
from end_to_end import EndToEndRun
from practice_kaggle.datasets.batches import hand_out_in_batches
from practice_kaggle.environment import overlaid
from support import Project, outside_environment

pytestmark = pytest.mark.slow
RUNS = ["image", "tabular", "text", "translation"]


def as_code_competition(practice: Path, folder: Path) -> Path:
    """Copy a practice competition to one that hides all test rows but ten."""
    shutil.copytree(practice, folder, ignore=shutil.ignore_patterns("state"))
    path = folder / "competition.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**settings, "kernels_only": True}), encoding="utf-8")
    (folder / "private" / "rerun").mkdir()
    for name in ("test.csv", "sample_submission.csv"):
        shutil.move(folder / "data" / name, folder / "private" / "rerun" / name)
        pl.read_csv(folder / "private" / "rerun" / name).head(10).write_csv(folder / "data" / name)
    return folder


def make_image(project: Project, folder: Path) -> Path:
    """Install what the project needs, and not itself, as Kaggle's image; return its Python."""
    env = outside_environment() | {"UV_PROJECT_ENVIRONMENT": str(folder)}
    command = ("uv", "sync", "--quiet", "--no-dev", "--no-install-workspace")
    project.run(*command, "--python", sys.executable, env=env)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    project.run("uv", "pip", "install", "--quiet", "--python", python, "pip")  # as Kaggle has it
    return python


def entries(project: Project) -> list[dict[str, Any]]:
    text = (project.path / "submissions/ledger.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def with_image(made: EndToEndRun, folder: Path) -> tuple[Project, Path]:
    """Copy a trained project, and make what it takes for Kaggle's image; return its Python."""
    ignored = shutil.ignore_patterns(".venv", "cache", "tmp")
    shutil.copytree(made.project.path, folder / "project", ignore=ignored)
    project = Project(folder / "project", made.project.path / ".venv")
    python = make_image(project, folder / "image")
    installed = project.run("uv", "pip", "freeze", "--python", str(python)).stdout
    version = ".".join(map(str, sys.version_info[:2]))
    (folder / "kaggle.txt").write_text(f"# python: {version}\n{installed}", encoding="utf-8")
    project.run("compete", "kernel", "image", "--update", str(folder / "kaggle.txt"))
    return project, python


def assert_scored_as_the_file(project: Project, practice: Path, sent: str) -> None:
    """The notebook has the scores of the file, and wrote the predictions of the file."""
    file, notebook = entries(project)[0], entries(project)[-1]
    assert notebook["kernel"] == f"practice/{project_name(project)}-predict"
    assert (notebook["kernel_version"], notebook["file"]) == (1, sent)
    for score in ("public", "private", "cv"):
        assert notebook[score] == file[score] is not None
    reruns = practice / "state/account/kernels" / f"{project_name(project)}-predict" / "1/reruns"
    path = next(reruns.rglob(sent))
    table = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)
    assert table.equals(pl.read_csv(project.path / "submissions/submission.csv"))


@pytest.mark.long
@pytest.mark.parametrize("run", RUNS)
def test_a_notebook_scores_as_predict_does(
    run_end_to_end: Callable[[str], EndToEndRun], tmp_path: Path, run: str
) -> None:
    """Train, build, rehearse, push, submit: the score is that of the file, to the last digit."""
    made = run_end_to_end(run)
    project, python = with_image(made, tmp_path)
    project.run("compete", "kernel", "build")
    project.run("compete", "kernel", "rehearse")
    practice = as_code_competition(made.practice, tmp_path / "practice")
    host = practice_kaggle.HostOptions(image=python, nested_inputs=True)
    with practice_kaggle.serve(practice, host=host) as server:
        env = overlaid(outside_environment(), server.env)
        refused = project.run("compete", "submit", "-m", "A file", "--again", env=env, check=False)
        assert "code competition" in refused.stderr
        project.run("compete", "kernel", "push", env=env)
        project.run("compete", "kernel", "submit", "-m", "A notebook", env=env)
    assert_scored_as_the_file(project, practice, "submission.csv")


@pytest.mark.long
@pytest.mark.parametrize("run", ["tabular"])
def test_an_inference_server_scores_as_predict_does(
    run_end_to_end: Callable[[str], EndToEndRun], tmp_path: Path, run: str
) -> None:
    """The hidden rows come in batches, which is how such a competition's data says it."""
    made = run_end_to_end(run)
    project, python = with_image(made, tmp_path)
    practice = tmp_path / "practice"
    shutil.copytree(made.practice, practice, ignore=shutil.ignore_patterns("state"))
    hand_out_in_batches(practice)
    with (practice / "competition.yaml").open("a", encoding="utf-8") as settings:
        settings.write("batch_rows: 60\n")  # of 171
    host = practice_kaggle.HostOptions(image=python)
    with practice_kaggle.serve(practice, host=host) as server:
        env = overlaid(outside_environment(), server.env)
        project.run("compete", "download", env=env)
        project.run("compete", "kernel", "build")
        rehearsed = project.run("compete", "kernel", "rehearse")
        assert "PracticeInferenceServer, started after" in rehearsed.stderr
        project.run("compete", "kernel", "push", env=env)
        project.run("compete", "kernel", "submit", "-m", "A server", env=env)
    assert_scored_as_the_file(project, practice, "submission.parquet")


def project_name(project: Project) -> str:
    """Return the project's name, which its dataset and notebook are named after."""
    text = (project.path / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["name"])
