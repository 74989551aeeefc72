"""Tables: from the template to a score, in the project's own environment."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import practice_kaggle
import pytest
import yaml
from journeys import JOURNEYS, Journey
from materialise import change
from practice_kaggle.environment import overlaid
from practice_kaggle.make.tables import make_table
from sklearn.metrics import roc_auc_score, root_mean_squared_error
from support import Project, Render, outside_environment, own_tests

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(travel: Callable[[str], Journey]) -> Project:
    """The project after `dvc repro` and a submission."""
    return travel("tabular").project


def test_the_scores_are_what_scikit_learn_computes(travel: Callable[[str], Journey]) -> None:
    made = travel("tabular")
    sent = pl.read_csv(made.project.path / "submissions/submission.csv")
    truth = pl.read_csv(made.practice / "private/solution.csv").join(sent, on="id", suffix="_sent")
    hidden = truth.filter(pl.col("Usage") == "Private")
    ledger = (made.project.path / "submissions/ledger.jsonl").read_text(encoding="utf-8")
    entry = json.loads(ledger.splitlines()[-1])
    score = roc_auc_score(hidden["diagnosis"], hidden["diagnosis_sent"])
    assert entry["private"] == pytest.approx(score, abs=1e-5)
    assert entry["private"] > 0.97
    assert entry["cv"] == pytest.approx(entry["private"], abs=0.03)


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
def test_a_check_of_the_project_passes(finished: Project, check: tuple[str, ...]) -> None:
    finished.run(*check)


def test_the_projects_own_tests_pass(finished: Project) -> None:
    finished.run("pytest", "-q", "-x", *own_tests("tabular"))


def test_killed_training_ends_as_if_undisturbed(finished: Project) -> None:
    """Both members' fold is trained anew, killed on its way, gone on with: the same to the bit."""
    kept = [finished.path / f"runs/{name}/fold0/model.safetensors" for name in ("base", "boosting")]
    before = [path.read_bytes() for path in kept]
    for path in kept:
        path.unlink()
        (path.parent / "fold.json").unlink()
    words = ["train", "--fold", "0"]
    process = subprocess.Popen(
        [str(finished.path / ".venv/bin/compete"), *words],
        cwd=finished.path,
        env=outside_environment(),
        stderr=subprocess.DEVNULL,
    )
    limit = time.monotonic() + 300
    while not (kept[0].parent / "last.ckpt").exists() and time.monotonic() < limit:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not any(path.exists() for path in kept)
    assert "base fold 0  epoch 1/20" not in finished.run("compete", *words).stderr
    assert [path.read_bytes() for path in kept] == before


def test_numbers_are_predicted_with_changed_answers_only(
    finished: Project, render: Render, tmp_path: Path
) -> None:
    """Answers change no code: the first project's environment serves the second."""
    practice = make_table("diabetes", tmp_path / "practice")
    path = render(task="tabular", competition="practice-diabetes")
    change(path, JOURNEYS["tabular"][1])
    made = Project(path, finished.path / finished.environment)
    with practice_kaggle.serve(practice) as server:
        made.run("dvc", "repro", "predict", env=overlaid(outside_environment(), server.env))
    made.run("compete", "validate", "submissions/submission.csv")
    sent = pl.read_csv(made.path / "submissions/submission.csv")
    truth = pl.read_csv(practice / "private/solution.csv").join(sent, on="id", suffix="_sent")
    error = root_mean_squared_error(truth["progression"], truth["progression_sent"])
    assert error < 60  # the mean of all is 77 away
