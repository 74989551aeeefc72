"""Languages told apart: from the template to a score, in the project's own environment."""

import json
from collections.abc import Callable

import polars as pl
import pytest
from end_to_end import EndToEndRun
from sklearn.metrics import f1_score
from support import Project, train_killed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(run_end_to_end: Callable[[str], EndToEndRun]) -> Project:
    """The project after `dvc repro` and a submission."""
    return run_end_to_end("text").project


def test_the_scores_are_what_scikit_learn_computes(
    run_end_to_end: Callable[[str], EndToEndRun],
) -> None:
    finished, practice = run_end_to_end("text").project, run_end_to_end("text").practice
    sent = pl.read_csv(finished.path / "submissions/submission.csv")
    truth = pl.read_csv(practice / "private/solution.csv").join(sent, on="id", suffix="_sent")
    entry = json.loads((finished.path / "submissions/ledger.jsonl").read_text(encoding="utf-8"))
    for usage in ("Public", "Private"):
        rows = truth.filter(pl.col("Usage") == usage)
        score = f1_score(rows["language"], rows["language_sent"], average="macro")
        assert entry[usage.lower()] == pytest.approx(score, abs=1e-5)
    assert entry["private"] > 0.5  # of three languages
    oof = pl.read_parquet(finished.path / "predictions/blend/oof.parquet")
    answers = oof.select("^p_.*$").to_numpy().argmax(axis=1)
    own = f1_score(oof["target_0"], answers, average="macro")
    assert entry["cv"] == pytest.approx(own, abs=1e-5)
    assert oof.height == pl.read_csv(finished.path / "data/raw/train.csv").height


def test_both_members_are_scored_and_blended(finished: Project) -> None:
    metrics = json.loads((finished.path / "reports/metrics.json").read_text(encoding="utf-8"))
    assert set(metrics["members"]) == {"base", "linear"}
    assert metrics["members"]["linear"]["score"] > 0.9


@pytest.mark.parametrize("check", [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)])
def test_a_check_of_the_project_passes(finished: Project, check: tuple[str, ...]) -> None:
    finished.run(*check)


def test_the_projects_own_tests_pass(finished: Project) -> None:
    finished.run("pytest", "-q", "-x")


@pytest.mark.long
def test_killed_training_ends_as_if_undisturbed(finished: Project) -> None:
    assert "base fold 0  epoch 1/" not in train_killed(finished, "base", "linear")
