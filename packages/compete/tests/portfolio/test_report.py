"""The page shows what is in the files, and nothing else."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml
from pages import HOSTILE
from sklearn.metrics import accuracy_score

from compete.charts.predictions import bars
from compete.contract import Contract
from compete.files import CONTENT, LEADERBOARD
from compete.portfolio.card import Card
from compete.portfolio.project_state import DEFAULT_DESCRIPTION
from compete.portfolio.supervised.galleries import Shown, pick_rows
from compete.problems import get_problem
from compete.records import FoldRun, Pretrained
from compete.submission_records import Leaderboard

from .harness import ROWS, Finished, write_report


def test_the_numbers_are_those_of_the_files(finished: Finished) -> None:
    page = write_report(finished())
    oof = pl.read_parquet("predictions/blend/oof.parquet")
    predictions = oof.select(pl.col("^p_.*$")).to_numpy().argmax(axis=1)
    assert page.numbers["cv"] == accuracy_score(oof["target_0"], predictions)
    assert page.numbers["cv-rows"] == page.numbers["rows"] == ROWS
    folds = json.loads(Path("reports/metrics.json").read_text(encoding="utf-8"))["cv"]["folds"]
    assert page.numbers["cv-spread"] == pytest.approx(np.std(folds, ddof=1))
    assert (page.numbers["public"], page.numbers["private"]) == (0.8125, 0.75)
    assert (page.numbers["rank"], page.numbers["minutes"]) == (2, 3)
    assert "fold 0" in page.words
    assert "fold 1" in page.words
    assert page.numbers["percentile"] == pytest.approx(200 / 3)
    assert page.numbers["test-rows"] == 41
    assert "Left out of training: 2 without label, 1 wrong script." in page.words
    assert "without usable input: 7 empty." in page.words
    assert "3 duplicates" in page.words


def test_the_author_says_first_what_it_is_about(finished: Finished) -> None:
    entry, project = finished(), Path("pyproject.toml")
    assert "Some description. The competition asks" in write_report(entry).words
    text = project.read_text(encoding="utf-8")
    default = f"{DEFAULT_DESCRIPTION} x"
    project.write_text(text.replace("Some description", default), encoding="utf-8")
    assert default not in write_report(entry).words


def test_columns_without_importance_have_no_bar() -> None:
    pairs = [("age", 0.2), ("fare", -0.1), *((f"column {number}", 0.0) for number in range(20))]
    figure = bars("Importance", "What counts.", pairs, "importance")
    assert figure.table.height == 22  # all of them are in the data below the chart
    assert [one["name"] for one in next(iter(figure.chart.to_dict()["datasets"].values()))] == [
        "age",
        "fare",
    ]
    assert figure.text.endswith("The first 2 of 22 are shown. The others are 0.")


def _findings() -> list[str]:
    card = Card.load()
    assert card
    return card.findings


def test_two_metrics_are_not_shown_as_one(finished: Finished) -> None:
    entry = finished()
    entry.metric = "accuracy"
    same = write_report(replace(entry, public=0.5), entry)
    assert "Cross-validation and leaderboard" in same.words
    assert any("private leaderboard" in each for each in _findings())
    entry.leaderboard_metric = "Log | Loss"
    page = write_report(replace(entry, public=0.5), entry)
    assert not any("private leaderboard" in each for each in _findings())
    assert entry.mismatch in page.words
    assert "Cross-validation and leaderboard" not in page.words
    readme = Path("README.md").read_text(encoding="utf-8")
    assert "| public leaderboard (Log \\| Loss) | 0.81250 |" in readme
    lines = Path("reports/cv.txt").read_text(encoding="utf-8")
    assert "Log | Loss 0.81250 on the public leaderboard" in lines
    assert "Cross-validated accuracy" in lines
    card = Path("MODEL_CARD.md").read_text(encoding="utf-8").split("---")[1]
    results = yaml.safe_load(card)["model-index"][0]["results"]
    types = {r["dataset"]["split"]: r["metrics"][0]["type"] for r in results}
    assert types == {"out of fold": "accuracy", "public": "Log | Loss", "private": "Log | Loss"}


@pytest.mark.parametrize(("board", "best"), [([0.9, 0.1], 0.8), ([0.1, 0.9], 0.2)])
def test_by_another_metric_the_best_submission_is_the_leaderboards_best(
    finished: Finished, board: list[float], best: float
) -> None:
    entry = finished()
    entry.metric, entry.leaderboard_metric = "accuracy", "Some Loss"
    Leaderboard(entry.slug, "2031-01-02", private=False, scores=board).write(LEADERBOARD)
    entries = [replace(entry, public=score, private=None) for score in (0.2, 0.8)]
    assert write_report(*entries).numbers["public"] == best


def test_hostile_text_stays_text(finished: Finished) -> None:
    Path("reports").mkdir()
    Path("reports/notes.md").write_text(f"<!-- hint -->\n**Limits**: {HOSTILE[0]}\n", "utf-8")
    page = write_report(finished())
    sources = [named.get("src") or "" for tag, named in page.tags if tag == "img"]
    assert sources
    assert all(source.startswith("data:image/webp") for source in sources)
    assert not [tag for tag, named in page.tags if "onerror" in named]
    assert sum(tag == "script" for tag, _ in page.tags) == 1 + sum(
        named.get("class") == "chart" for _, named in page.tags
    )
    assert ("strong", {}) in page.tags
    assert "hint" not in page.words
    assert "49" not in page.words.split()
    readme = Path("README.md").read_text(encoding="utf-8")
    assert "](javascript:" not in readme.replace("\\]", "")
    assert "<img" not in readme.replace("\\<", "")
    card = Path("MODEL_CARD.md").read_text(encoding="utf-8")
    assert "/home/me" not in card
    assert "w.pth" in card


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        (
            Pretrained("ada/some_bert", "hub", "c0ffee", "cc-by-nc-4.0", sha256="5ad"),
            "Fine-tuned from ada/some_bert on the Hugging Face Hub (commit c0ffee; "
            "license: cc-by-nc-4.0; SHA-256 5ad).",
        ),
        (
            Pretrained("some-weights", "package", "1.2", "MIT", "weights/w.pth"),
            "Fine-tuned from weights/w.pth in the package some-weights (version 1.2; "
            "license: MIT).",
        ),
        (Pretrained(HOSTILE[1], "file"), f"Fine-tuned from {HOSTILE[1]} (license: not known)."),
    ],
    ids=["hub", "package", "file"],
)
def test_the_weights_that_training_began_with_are_told(
    finished: Finished, weights: Pretrained, says: str
) -> None:
    entry = finished()
    for fold in range(2):
        run = FoldRun.load("base", fold)
        assert run
        replace(run, pretrained=weights).save()
    assert f"Member base: {says}" in write_report(entry).words
    text = Path("MODEL_CARD.md").read_text(encoding="utf-8")
    _, head, body = text.split("---\n", 2)
    escaped = says.translate({ord(letter): f"\\{letter}" for letter in "_[]|"})
    assert body.count(escaped) == 1  # both folds began with the same
    hub = [weights.source] if weights.kind == "hub" else None
    assert yaml.safe_load(head).get("base_model") == hub


@pytest.mark.parametrize(
    "changes",
    [
        {"problem": "classification"},
        {"problem": "multilabel", "target_columns": HOSTILE},
        {"problem": "regression", "metric": "rmse", "target_columns": ["y", "z"], "classes": []},
        {"problem": "translation", "metric": "chrf", "target_columns": ["y"], "classes": []},
    ],
    ids=lambda changes: changes["problem"],
)
def test_every_problem_has_a_page_that_needs_nothing_else(
    finished: Finished, changes: dict[str, Any]
) -> None:
    if changes["problem"] == "translation":
        pytest.importorskip("sacrebleu")
    page = write_report(finished(**changes))
    assert Path("reports/index.html").stat().st_size < 2_000_000
    for tag, named in page.tags:
        for key in ("src", "href"):
            address = str(named.get(key) or "#")
            assert address.startswith(("data:", "#")) or tag == "a", (tag, address)
    charts = [named for _, named in page.tags if named.get("role") == "img"]
    assert len(charts) >= 6
    assert all(len(str(named["aria-label"])) > 20 for named in charts)
    assert "Not done yet" not in page.words


def test_a_row_is_shown_by_the_few_columns_that_count_most(finished: Finished) -> None:
    page = write_report(finished())
    assert "othern" in page.words  # the head of a table: the important column comes first
    assert "column 2" in page.words
    assert "column 3" not in page.words
    assert "9 other columns are not shown" in page.words


def test_examples_lie_all_along_the_values(finished: Finished) -> None:
    kind = {"problem": "regression", "metric": "rmse", "target_columns": ["y"], "classes": []}
    _, words = write_report(finished(**kind)).words.split("Training rows with their targets.")
    examples, *_ = words.split("Validation")
    values = pl.read_parquet("data/processed/train.parquet")["y"].sort()
    shown = [value for value in values if str(value) in examples]
    assert 6 <= len(shown) <= 12
    assert shown[0] == values[0]
    assert shown[-1] >= values[-12]


def test_translations_are_scored_by_length_and_by_language(
    contract: Callable[..., Contract],
) -> None:
    pytest.importorskip("sacrebleu")
    made = contract(problem="translation", metric="chrf", target_columns=["text"], classes=[])
    short, long = "le chat dort", "il pleut ici depuis trois jours"
    oof = pl.DataFrame(
        {"row": [0, 2, 3], "target_0": [short, short, long], "p_text": [short, "non", long]}
    )
    train = pl.DataFrame(
        {
            "language": ["fr", "fr", "be", None],
            "place": ["a", "b", "c", "d"],
            "text": [short, long, short, long],
            CONTENT: ["1", "2", "3", "4"],
        }
    )
    mistakes = get_problem(made).mistakes(oof, train)
    assert mistakes.findings[1:] == [
        "2 of 3 translations (67%) equal the reference.",
        "Half of the translations have a chrF of 100.0 or more.",
    ]
    by = dict(mistakes.tables)
    assert by["By language"].rows()[1] == ("fr", 1, 100.0)
    assert by["By language"]["group"].to_list() == ["be", "fr", "none"]
    lengths = by["By the length of the translation"]
    assert lengths["group"].to_list() == ["up to 5 words", "6 to 10 words"]
    assert lengths["rows"].to_list() == [2, 1]
    assert lengths["chrF"][0] < lengths["chrF"][1] == 100
    assert not {"By text", f"By {CONTENT}"} & set(by)


def test_mistakes_are_wrong_and_no_row_is_shown_twice(finished: Finished) -> None:
    entry = finished()
    tags = [tag for tag in write_report(entry).tags if "data-row" in tag[1] or tag[0] == "b"]
    shown = [
        (int(str(row["data-row"])), verdict["class"])
        for (_, row), (tag, verdict) in pairwise(tags)
        if "data-row" in row and tag == "b"
    ]
    assert {verdict for _, verdict in shown} == {"right", "wrong"}
    assert len({row for row, _ in shown}) == len(shown) > 12
    oof = pl.read_parquet("predictions/blend/oof.parquet")
    correct = oof["target_0"].to_numpy() == oof.select("^p_.*$").to_numpy().argmax(axis=1)
    assert all(correct[row] == (verdict == "right") for row, verdict in shown)


def test_a_correct_prediction_is_no_mistake_however_unsure(
    contract: Callable[..., Contract],
) -> None:
    p = pl.Series([0.9, 0.8, 0.55, 0.3, 0.2, 0.1])
    oof = pl.DataFrame({"row": range(6), "target_0": [0, 0, 0, 0, 1, 1], "p_a": p, "p_b": 1 - p})
    best, worst, unusual = pick_rows(get_problem(contract()), oof)
    assert best.rows["row"].to_list() == [0, 5]
    assert (worst.title, worst.rows["row"].to_list()) == ("Most confident mistakes", [3])
    assert unusual.rows.is_empty()
    made = contract()
    shown = Shown(made, lambda _, rows: [f"input {row}" for row in rows], [])
    samples = [
        (one.row, one.target, one.prediction, one.correct, one.confidence, one.shown)
        for one in shown.predictions(best).samples
    ]
    assert samples == [
        (0, "a", "a", True, 0.9, "input 0"),
        (5, "b", "b", True, 0.9, "input 5"),
    ]


def test_values_have_largest_errors(contract: Callable[..., Contract]) -> None:
    made = contract(problem="regression", metric="rmse", classes=[])
    oof = pl.DataFrame({"row": range(9), "target_0": range(9), "p_y": [*range(1, 9), 0]})
    best, worst, _ = pick_rows(get_problem(made), oof)
    assert best.rows["row"].to_list() == [0, 1, 2, 3, 4, 5]
    assert worst.title == "Largest errors"
    assert worst.rows["row"].to_list() == [8, 6, 7]
