"""Into French: from the template to a score, in the project's own environment."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sacrebleu
from materialise import change
from practice_kaggle.make.catalogues import make_french
from support import Project, Render, enter, own_tests

pytestmark = pytest.mark.slow
# As small as it may be and still everything happens: it learns hardly more than a few words.
QUICK: dict[str, Any] = {
    "data.folds": 2,
    "model.backbone": "t5",
    "model.weights": "none",
    "model.beams": 2,
    "trainer.max_epochs": 2,
}


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The practice competition, of Django's own messages."""
    return make_french(tmp_path_factory.mktemp("practice") / "french", None)


@pytest.fixture(scope="module")
def finished(render: Render, sync: Callable[[Path], Project], practice: Path) -> Project:
    """A project of the translation task after `dvc repro` and a submission."""
    path = render(task="translation", competition="french")
    change(path, QUICK)
    project = sync(path)
    enter(project, practice)
    return project


def test_the_scores_are_what_sacrebleu_computes(finished: Project, practice: Path) -> None:
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


@pytest.mark.parametrize(
    "check", [("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("lint-imports",)]
)
def test_a_check_of_the_project_passes(finished: Project, check: tuple[str, ...]) -> None:
    finished.run(*check)


def test_the_projects_own_tests_pass(finished: Project) -> None:
    finished.run("pytest", "-q", "-x", *own_tests("language", "translation"))
