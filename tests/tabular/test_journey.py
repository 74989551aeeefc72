"""Tables: from the template to a score, in the project's own environment."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import practice_kaggle
import pytest
import yaml
from end_to_end import END_TO_END, EndToEndRun
from materialise import change
from practice_kaggle.datasets.tables import make_table
from practice_kaggle.environment import overlaid
from sklearn.metrics import roc_auc_score, root_mean_squared_error
from support import Project, Render, outside_environment, train_killed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(run_end_to_end: Callable[[str], EndToEndRun]) -> Project:
    """The project after `dvc repro` and a submission."""
    return run_end_to_end("tabular").project


def test_the_scores_are_what_scikit_learn_computes(
    run_end_to_end: Callable[[str], EndToEndRun],
) -> None:
    made = run_end_to_end("tabular")
    sent = pl.read_csv(made.project.path / "submissions/submission.csv")
    truth = pl.read_csv(made.practice / "private/solution.csv").join(sent, on="id", suffix="_sent")
    hidden = truth.filter(pl.col("Usage") == "Private")
    ledger = (made.project.path / "submissions/ledger.jsonl").read_text(encoding="utf-8")
    entry = json.loads(ledger.splitlines()[-1])
    score = roc_auc_score(hidden["diagnosis"], hidden["diagnosis_sent"])
    assert entry["private"] == pytest.approx(score, abs=1e-5)
    assert entry["private"] > 0.97
    assert entry["cv"] == pytest.approx(entry["private"], abs=0.03)


def test_all_members_are_scored_and_blended(finished: Project) -> None:
    metrics = json.loads((finished.path / "reports/metrics.json").read_text(encoding="utf-8"))
    assert set(metrics["members"]) == {"base", "boosting", "kernel"}
    assert all(member["score"] > 0.95 for member in metrics["members"].values())
    oof = pl.read_parquet(finished.path / "predictions/blend/oof.parquet")
    assert oof.height == pl.read_csv(finished.path / "data/raw/train.csv").height


def test_git_keeps_the_kinds_of_the_columns(finished: Project) -> None:
    contract = yaml.safe_load((finished.path / "contract.yaml").read_text(encoding="utf-8"))
    kinds = {name: column["kind"] for name, column in contract["features"]["value"].items()}
    assert kinds["id"] == "drop"
    assert kinds["mean_radius"] == "number"


@pytest.mark.parametrize("check", [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)])
def test_a_check_of_the_project_passes(finished: Project, check: tuple[str, ...]) -> None:
    finished.run(*check)


def test_the_projects_own_tests_pass(finished: Project) -> None:
    finished.run("pytest", "-q", "-x")


@pytest.mark.long
def test_killed_training_ends_as_if_undisturbed(finished: Project) -> None:
    assert "base fold 0  epoch 1/" not in train_killed(finished, "base", "boosting", "kernel")


def test_numbers_are_predicted_with_changed_answers_only(
    finished: Project, render: Render, tmp_path: Path
) -> None:
    """Answers change no code: the first project's environment serves the second."""
    practice = make_table("diabetes", tmp_path / "practice")
    path = render(task="tabular", competition="practice-diabetes")
    change(path, END_TO_END["tabular"][1])
    made = Project(path, finished.path / finished.environment)
    with practice_kaggle.serve(practice) as server:
        made.run("dvc", "repro", "predict", env=overlaid(outside_environment(), server.env))
    made.run("compete", "validate", "submissions/submission.csv")
    sent = pl.read_csv(made.path / "submissions/submission.csv")
    truth = pl.read_csv(practice / "private/solution.csv").join(sent, on="id", suffix="_sent")
    error = root_mean_squared_error(truth["progression"], truth["progression_sent"])
    assert error < 60  # the mean of all is 77 away
