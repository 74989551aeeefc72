"""Into French: from the template to a score, in the project's own environment."""

import json
from collections.abc import Callable

import polars as pl
import pytest
import sacrebleu
from end_to_end import EndToEndRun
from support import Project, train_killed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(run_end_to_end: Callable[[str], EndToEndRun]) -> Project:
    """A project of the translation task after `dvc repro` and a submission."""
    return run_end_to_end("translation").project


def test_the_scores_are_what_sacrebleu_computes(
    run_end_to_end: Callable[[str], EndToEndRun],
) -> None:
    finished, practice = (
        run_end_to_end("translation").project,
        run_end_to_end("translation").practice,
    )
    sent = pl.read_csv(finished.path / "submissions/submission.csv")
    truth = pl.read_csv(practice / "private/solution.csv").join(sent, on="id", suffix="_sent")
    entry = json.loads((finished.path / "submissions/ledger.jsonl").read_text(encoding="utf-8"))
    for usage in ("Public", "Private"):
        rows = truth.filter(pl.col("Usage") == usage)
        score = sacrebleu.corpus_chrf(rows["french_sent"].to_list(), [rows["french"].to_list()])
        assert entry[usage.lower()] == pytest.approx(score.score, abs=1e-3)
    oof = pl.read_parquet(finished.path / "predictions/blend/oof.parquet")
    own = sacrebleu.corpus_chrf(oof["p_french"].to_list(), [oof["target_0"].to_list()]).score
    assert entry["cv"] == pytest.approx(own, abs=1e-3)
    assert oof.height == pl.read_csv(finished.path / "data/raw/train.csv").height


@pytest.mark.parametrize("check", [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",)])
def test_a_check_of_the_project_passes(finished: Project, check: tuple[str, ...]) -> None:
    finished.run(*check)


def test_the_projects_own_tests_pass(finished: Project) -> None:
    finished.run("pytest", "-q", "-x")


@pytest.mark.long
def test_killed_training_ends_as_if_undisturbed(finished: Project) -> None:
    assert "base fold 0  epoch 1/" not in train_killed(finished, "base")
