"""The engine's card is read whole by the site, and the examples' portfolio is made of theirs."""

import json
from pathlib import Path

import pytest
import yaml
from gather import PORTFOLIO, build_examples
from support import REPOSITORY

from compete.portfolio.card import CARD, Baseline, Card, Links
from portfolio_site.card import read_card

EXAMPLES = REPOSITORY / "examples"
NAMES = [
    Path(place).name
    for place in yaml.safe_load((PORTFOLIO / "projects.yaml").read_text("utf-8"))["projects"]
]


def test_what_the_engine_writes_is_what_the_site_reads(tmp_path: Path) -> None:
    written = Card(
        title="House Prices",
        slug="house-prices",
        task="tabular",
        problem="What is a house worth?",
        result="Within 12 percent.",
        metric="rmsle",
        direction="minimize",
        score=0.1234,
        split="public leaderboard",
        percentile=97.4,
        rank=130,
        teams=5000,
        baseline=Baseline("always the mean", 0.4),
        findings=["Folds agree.", "Area counts most."],
        picture="reports/plots/picture.png",
        links=Links(code="https://git.example.com/ada/prices", demo="reports/demo/index.html"),
        date="2026-11-20T10:00:00+00:00",
        skills=["CatBoost"],
        description="The worth of houses",
        cv_lines=["One.", "Two.", "Three."],
    )
    written.write(tmp_path / "card.json")
    card = read_card((tmp_path / "card.json").read_bytes())
    for name in ("title", "slug", "task", "problem", "result", "description", "picture"):
        assert getattr(card, name) == getattr(written, name), name
    for name in ("findings", "skills", "cv_lines"):
        assert list(getattr(card, name)) == getattr(written, name), name
    assert card.day is not None
    assert card.day.isoformat() == "2026-11-20"
    assert {**card.files, **card.links} == {
        "report": "reports/index.html",
        "code": "https://git.example.com/ada/prices",
        "demo": "reports/demo/index.html",
        "model_card": "MODEL_CARD.md",
    }
    score = card.score
    assert score is not None
    for ours, theirs in (("where", "split"), ("value", "score"), ("percentile", "percentile")):
        assert getattr(score, ours) == getattr(written, theirs), theirs
    assert (score.rank, score.teams, score.maximize) == (130, 5000, False)
    assert "always the mean" in score.baseline


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_card_says_what_was_measured(name: str) -> None:
    results = json.loads((EXAMPLES / name / "results.json").read_text(encoding="utf-8"))
    card = Card.load(EXAMPLES / name)
    assert card is not None
    if "elo" in results:  # an agent's
        assert card.score == pytest.approx(results.get("rating", results["elo"]["agent"][0]))
    elif "curve" in results:  # of generated images
        assert card.score == results.get("public", results["scores"].get(card.metric))
    else:
        assert card.metric == results["metric"]
        assert card.scores["cv"] == results["cv"]
        assert card.score == results.get("private", results["cv"])
    assert card.picture is None or (EXAMPLES / name / card.picture).is_file()


def test_every_example_with_a_card_is_gathered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = {path.name for path in EXAMPLES.iterdir() if (path / CARD).is_file()}
    assert set(NAMES) == recorded, "Name each of them in examples/portfolio/projects.yaml."
    page = build_examples(tmp_path, {}).read_text(encoding="utf-8")
    said = capsys.readouterr()
    assert said.err == ""
    assert f"{len(NAMES)} of {len(NAMES)} projects" in said.out
    for name in NAMES:
        card = Card.load(EXAMPLES / name)
        assert card is not None
        assert f"projects/{card.slug}/index.html" in page
