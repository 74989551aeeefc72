"""The demonstration ends with a correctly scored submission, and resumes where it stopped."""

import json
import os
import re
from typing import Any

import polars as pl
import pytest
from demonstration import Demonstration, run_demo
from sklearn.metrics import accuracy_score

pytestmark = pytest.mark.slow


def last_entry(demonstration: Demonstration) -> dict[str, Any]:
    ledger = demonstration.project.path / "submissions" / "ledger.jsonl"
    lines = ledger.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1
    entry: dict[str, Any] = json.loads(lines[0])
    return entry


def test_public_and_private_score_are_what_scikit_learn_computes(
    demonstration: Demonstration,
) -> None:
    submission = pl.read_csv(demonstration.project.path / "submissions" / "submission.csv")
    solution = pl.read_csv(demonstration.folder / "practice" / "private" / "solution.csv")
    both = solution.join(submission, on="ImageId", suffix="_sent")
    assert both.height == solution.height == submission.height
    entry = last_entry(demonstration)
    for usage in ("Public", "Private"):
        rows = both.filter(pl.col("Usage") == usage)
        truth = accuracy_score(rows["Label"].to_list(), rows["Label_sent"].to_list())
        assert entry[usage.lower()] == pytest.approx(truth, abs=1e-5)


def test_the_cross_validation_score_is_what_scikit_learn_computes(
    demonstration: Demonstration,
) -> None:
    path = demonstration.project.path
    oof = pl.read_parquet(path / "predictions" / "blend" / "oof.parquet").sort("row")
    predicted = oof.select(pl.col("^p_.*$")).to_numpy().argmax(axis=1)
    labels = pl.read_csv(path / "data" / "raw" / "train.csv")["label"]
    assert oof["row"].to_list() == list(range(len(labels)))
    truth = accuracy_score(labels.to_list(), predicted)
    metrics = json.loads((path / "reports" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["cv"]["score"] == pytest.approx(truth, abs=1e-6)
    assert last_entry(demonstration)["cv"] == metrics["cv"]["score"]


def test_the_summary_shows_scores_rank_and_files(
    demonstration: Demonstration,
) -> None:
    entry = last_entry(demonstration)
    words = " ".join(demonstration.finished.split())
    assert f"public score {entry['public']:.4f}" in words
    assert f"private score {entry['private']:.4f}" in words
    assert f"rank {entry['rank']} of {entry['teams']}" in words
    assert entry["teams"] >= 5
    assert re.search(r"train \d+\.\d s", words)
    assert "submissions/submission.csv" in words


def test_the_last_line_names_the_page_that_shows_the_project(
    demonstration: Demonstration,
) -> None:
    last = demonstration.finished.strip().splitlines()[-1]
    page = demonstration.folder / "portfolio" / "site" / "index.html"
    assert last.endswith(page.as_uri())
    assert f"{last_entry(demonstration)['private']:.4f}" in page.read_text(encoding="utf-8")
    assert (page.parent / "projects/digit-recognizer/report.html").is_file()


@pytest.mark.skipif(os.name == "nt", reason="no Ctrl-C for a group of processes there")
def test_interrupted_it_says_how_to_resume_and_then_repeats_nothing(
    demonstration: Demonstration,
) -> None:
    assert "Run the same command again" in demonstration.interrupted
    assert "Traceback" not in demonstration.interrupted
    assert "Running stage 'prepare'" in demonstration.interrupted
    done_before = ("materialise.py", "practice-kaggle make", "stage 'download'", "stage 'prepare'")
    for words in done_before:
        assert words in demonstration.interrupted
        assert words not in demonstration.finished
    assert "Running stage 'train'" in demonstration.finished


def test_run_again_it_does_nothing(demonstration: Demonstration) -> None:
    before = last_entry(demonstration)
    done = run_demo(demonstration.folder)
    assert done.returncode == 0, done.stdout
    assert "Running stage" not in done.stdout
    assert "Data and pipelines are up to date" in done.stdout
    assert last_entry(demonstration) == before
    assert demonstration.project.git_status() == ""


def test_the_project_keeps_its_history_and_nothing_private(
    demonstration: Demonstration,
) -> None:
    project = demonstration.project
    history = project.run("git", "log", "--format=%s").stdout.splitlines()
    assert history[:3] == ["Submit", "Train and predict", "Lock the environment"]
    kept = set(project.run("git", "ls-files").stdout.splitlines())
    assert {"dvc.lock", "contract.yaml", "uv.lock", "reports/metrics.json"} <= kept
    assert not [name for name in kept if name.startswith(("data/", "runs/", "predictions/"))]
    entry = last_entry(demonstration)
    assert entry["commit"] == project.run("git", "rev-parse", "HEAD~1").stdout.strip()
    assert not entry["dirty"]


@pytest.mark.long
def test_a_second_member_is_a_second_file_and_the_first_is_kept(
    demonstration: Demonstration,
) -> None:
    project = demonstration.project
    member = project.path / "members" / "wide.yaml"
    member.write_text("model:\n  lr: 1.0e-3\n", encoding="utf-8")
    try:
        done = project.run("dvc", "repro", "predict")
        lines = (done.stdout + done.stderr).splitlines()
        assert [line for line in lines if line.startswith("base fold") and "kept" not in line] == []
        assert [line for line in lines if line.startswith("wide fold 0  epoch 1/1")]
        metrics = json.loads((project.path / "reports/metrics.json").read_text(encoding="utf-8"))
        assert set(metrics["members"]) == {"base", "wide"}
    finally:
        member.unlink()
        project.run("git", "checkout", "--quiet", ".")
        project.run("dvc", "checkout", "--force")
