"""Tables: from the template to a score, in the project's own environment."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from materialise import change
from practice_kaggle.make.tables import make_table
from sklearn.metrics import roc_auc_score, root_mean_squared_error
from support import Project, Render, enter, outside_environment, own_tests

pytestmark = pytest.mark.slow
# As small as it may be and still everything happens.
QUICK: dict[str, Any] = {
    "data.folds": 2,
    "model.k": 8,
    "model.width": 64,
    "model.trees": 200,
    "model.bags": 2,
    "trainer.max_epochs": 20,
    "trainer.devices": 1,  # two threads in every run, or the last bits differ
}


@pytest.fixture(scope="module")
def project(render: Render, sync: Callable[[Path], Project]) -> Project:
    """A project of the tabular task."""
    path = render(task="tabular", competition="practice-breast-cancer")
    change(path, QUICK)
    return sync(path)


@pytest.fixture(scope="module")
def finished(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after `dvc repro` and a submission."""
    practice = make_table("breast-cancer", tmp_path_factory.mktemp("practice") / "tumours")
    enter(project, practice)
    sent = pl.read_csv(project.path / "submissions/submission.csv")
    truth = pl.read_csv(practice / "private/solution.csv").join(sent, on="id", suffix="_sent")
    hidden = truth.filter(pl.col("Usage") == "Private")
    ledger = (project.path / "submissions/ledger.jsonl").read_text(encoding="utf-8")
    entry = json.loads(ledger.splitlines()[-1])
    score = roc_auc_score(hidden["diagnosis"], hidden["diagnosis_sent"])
    assert entry["private"] == pytest.approx(score, abs=1e-5)
    assert entry["private"] > 0.97
    assert entry["cv"] == pytest.approx(entry["private"], abs=0.03)
    return project


def test_both_members_are_scored_and_blended(finished: Project) -> None:
    metrics = json.loads((finished.path / "reports/metrics.json").read_text(encoding="utf-8"))
    assert set(metrics["members"]) == {"base", "boosting"}
    assert all(member["score"] > 0.95 for member in metrics["members"].values())
    oof = pl.read_parquet(finished.path / "predictions/blend/oof.parquet")
    assert oof.height == pl.read_csv(finished.path / "data/raw/train.csv").height


def test_git_keeps_the_kinds_of_the_columns(finished: Project) -> None:
    contract = yaml.safe_load((finished.path / "contract.yaml").read_text(encoding="utf-8"))
    kinds = {name: column["kind"] for name, column in contract["features"]["value"].items()}
    assert kinds["id"] == "drop"
    assert kinds["mean_radius"] == "number"


@pytest.mark.parametrize(
    "check", [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("lint-imports",)]
)
def test_a_check_of_the_project_passes(project: Project, check: tuple[str, ...]) -> None:
    project.run(*check)


def test_the_projects_own_tests_pass(project: Project) -> None:
    project.run("pytest", "-q", "-x", *own_tests("tabular"))


@pytest.mark.parametrize("member", ["base", "boosting"])
def test_killed_training_ends_as_if_undisturbed(finished: Project, member: str) -> None:
    """A fold is trained anew, killed on its way, gone on with: the same to the bit."""
    kept = finished.path / f"runs/{member}/fold0/model.safetensors"
    before = kept.read_bytes()
    kept.unlink()
    (kept.parent / "fold.json").unlink()
    words = ["train", "--member", member, "--fold", "0"]
    process = subprocess.Popen(
        [str(finished.path / ".venv/bin/compete"), *words],
        cwd=finished.path,
        env=outside_environment(),
        stderr=subprocess.DEVNULL,
    )
    limit = time.monotonic() + 300
    begun = kept.parent / ("last.ckpt" if member == "base" else "fold.json")
    while not begun.exists() and time.monotonic() < limit:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not kept.exists()
    told = finished.run("compete", *words).stderr
    assert ("epoch 1/20" in told) == (member == "boosting")
    assert kept.read_bytes() == before


def test_numbers_are_predicted_with_changed_answers_only(
    render: Render, sync: Callable[[Path], Project], tmp_path: Path
) -> None:
    practice = make_table("diabetes", tmp_path / "practice")
    path = render(task="tabular", competition="practice-diabetes")
    change(path, QUICK)
    made = sync(path)
    enter(made, practice)
    sent = pl.read_csv(made.path / "submissions/submission.csv")
    truth = pl.read_csv(practice / "private/solution.csv").join(sent, on="id", suffix="_sent")
    error = root_mean_squared_error(truth["progression"], truth["progression_sent"])
    assert error < 60  # the mean of all is 77 away
