"""New images: from the template to a score, in the project's own environment."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from end_to_end import EndToEndRun
from materialise import change
from practice_kaggle.datasets.pictures import make_digit_pictures
from practice_kaggle.generative.scorer import ImageScorer
from practice_kaggle.settings import read_settings
from support import CHECKS, Project, Render, enter

pytestmark = pytest.mark.slow
SMALL = {
    "data.batch_size": 8,
    "data.distance_images": 100,
    "data.extractor": "test_efficientnet",
    "data.extractor_weights": "none",
    "model.network.width": 8,
    "model.network.max_width": 16,
    "model.network.latent": 16,
    "trainer.total_kimg": 0.064,
    "trainer.checkpoint_kimg": 0.032,
    "trainer.snapshots": 0,
}


@pytest.fixture(scope="module")
def run(
    render: Render, sync: Callable[[Path], Project], tmp_path_factory: pytest.TempPathFactory
) -> EndToEndRun:
    """A project after `dvc repro` and a submission, and its practice competition."""
    practice = make_digit_pictures(tmp_path_factory.mktemp("practice") / "digits")
    slug = read_settings(practice).slug
    project = sync(render(task="generative", competition=slug))
    change(project.path, SMALL)
    enter(project, practice)
    return EndToEndRun(project, practice)


def test_the_score_is_the_judges_and_the_report_shows_it(run: EndToEndRun) -> None:
    root = run.project.path
    (line,) = (root / "submissions/ledger.jsonl").read_text(encoding="utf-8").splitlines()
    entry = json.loads(line)
    settings = read_settings(run.practice)
    scorer = ImageScorer(run.practice / "private/judge.npz", settings)
    images = root / "submissions/images.zip"
    assert entry["public"] == pytest.approx(scorer.score(images).public, abs=1e-4)
    assert len(scorer.read(images)) == settings.images_min
    card = json.loads((root / "reports/card.json").read_text(encoding="utf-8"))
    metrics = json.loads((root / "reports/metrics.json").read_text(encoding="utf-8"))
    assert card["score"] == entry["public"]
    assert card["scores"]["fid"] == metrics["fid"] > 0
    assert card["missing"] == []
    assert "reports/plots/samples.webp" in (root / "README.md").read_text(encoding="utf-8")
    assert (root / "reports/index.html").stat().st_size < 2_000_000


def test_nothing_is_left_to_do(run: EndToEndRun) -> None:
    assert "up to date" in run.project.run("dvc", "repro").stdout


def test_what_was_made_holds_no_image_of_the_competition(run: EndToEndRun) -> None:
    run.project.run("git", "add", "--all")
    said = run.project.run("compete", "guard").stderr
    assert "1,297 images" in said  # that it was compared with


@pytest.mark.parametrize("check", CHECKS, ids=[" ".join(check) for check in CHECKS])
def test_a_check_of_the_project_passes(run: EndToEndRun, check: tuple[str, ...]) -> None:
    run.project.run(*check)
