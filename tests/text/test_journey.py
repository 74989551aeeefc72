"""Languages told apart: from the template to a score, in the project's own environment."""

import json
import signal
import subprocess
import time
from collections.abc import Callable

import polars as pl
import pytest
from journeys import Journey
from sklearn.metrics import f1_score
from support import Project, outside_environment, own_tests

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(travel: Callable[[str], Journey]) -> Project:
    """The project after `dvc repro` and a submission."""
    return travel("text").project


def test_the_scores_are_what_scikit_learn_computes(travel: Callable[[str], Journey]) -> None:
    finished, practice = travel("text").project, travel("text").practice
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


@pytest.mark.parametrize(
    "check", [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("lint-imports",)]
)
def test_a_check_of_the_project_passes(finished: Project, check: tuple[str, ...]) -> None:
    finished.run(*check)


def test_the_projects_own_tests_pass(finished: Project) -> None:
    finished.run("pytest", "-q", "-x", *own_tests("language", "text"))


def test_killed_training_ends_as_if_undisturbed(finished: Project) -> None:
    """A fold is trained anew, killed after its first epoch, gone on with: the same to the bit."""
    kept = finished.path / "runs/base/fold0/model.safetensors"
    before = kept.read_bytes()
    kept.unlink()
    (kept.parent / "fold.json").unlink()
    command = [str(finished.path / ".venv/bin/compete"), "train", "--fold", "0"]
    process = subprocess.Popen(
        command, cwd=finished.path, env=outside_environment(), stderr=subprocess.DEVNULL
    )
    limit = time.monotonic() + 300
    while not (kept.parent / "last.ckpt").exists() and time.monotonic() < limit:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not kept.exists()
    told = finished.run("compete", "train", "--fold", "0").stderr
    assert "epoch 1/" not in told
    assert kept.read_bytes() == before
