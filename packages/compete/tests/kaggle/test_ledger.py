"""The ledger is whole at any moment, and knows what a submission was made from."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from compete.errors import Fault
from compete.files import LEDGER, RECORD, SCORES
from compete.kaggle import client, credentials, ledger, scores, submission
from compete.records import CompetitionRecord, CrossValidation, Scores
from compete.submission_records import Leaderboard

SUBMISSION, OTHER = Path("submissions/submission.csv"), Path("submissions/other.csv")


@pytest.fixture(autouse=True)
def _within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a project's folder with two submissions, one of them scored."""
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "params.yaml": "competition:\n  slug: some-competition\nmodel:\n  lr: 0.1\n",
        "submissions/submission.csv": "id,y\n1,a\n",
        "submissions/other.csv": "id,y\n1,b\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    cv = CrossValidation("accuracy", 0.9, "maximize", rows=10, threshold=0.5, folds=[0.9])
    Scores(cv, {}).write(SCORES)


def test_what_is_saved_is_loaded() -> None:
    entry = ledger.new_entry(SUBMISSION, "größer", "some-competition")
    ledger.save([entry])
    assert ledger.load() == [entry]
    assert "größer" in LEDGER.read_text(encoding="utf-8")


def test_entry_knows_params_and_cv() -> None:
    entry = ledger.new_entry(SUBMISSION, "", "some-competition")
    assert entry.params is not None
    assert entry.params["model"] == {"lr": 0.1}
    assert (entry.metric, entry.cv, entry.state) == ("accuracy", 0.9, "sending")


def test_cv_belongs_to_the_submission_of_the_pipeline() -> None:
    entry = ledger.new_entry(OTHER, "", "some-competition")
    assert entry.cv is None


@pytest.mark.parametrize(
    ("kaggle", "expected"),
    [
        ("Categorization Accuracy", None),
        ("Custom Metric", None),
        ("Log Loss", "Log Loss"),
        (None, None),
    ],
)
def test_the_leaderboards_metric_is_noted_if_it_is_another(
    kaggle: str | None, expected: str | None
) -> None:
    if kaggle:
        CompetitionRecord(metric=kaggle).write(RECORD)
    entry = ledger.new_entry(SUBMISSION, "", "some-competition")
    assert entry.leaderboard_metric == expected
    assert ledger.new_entry(OTHER, "", "some-competition", "accuracy").mismatch == ""
    if expected:
        assert "by accuracy, the leaderboard by Kaggle's 'Log Loss'" in entry.mismatch
    else:
        assert entry.mismatch == ""


@pytest.mark.parametrize(("expected", "gap"), [("Log Loss", None), ("Accuracy Score", 0.05)])
def test_there_is_no_gap_between_two_metrics(
    expected: str, gap: float | None, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    CompetitionRecord(metric=expected).write(RECORD)
    entry = ledger.new_entry(SUBMISSION, "first", "some-competition")
    entry.state, entry.ref = "complete", 7
    found = client.RemoteSubmission(7, entry.description, "complete", 0.95, None, "")
    monkeypatch.setattr(client, "submissions", lambda slug: [found])
    scores.refresh([entry], "some-competition")
    assert ledger.load()[0].gap == gap
    monkeypatch.setattr(credentials, "found", lambda: False)
    submission.status()
    told = capsys.readouterr()
    assert ("can't be compared" in told.err) == (gap is None)
    assert ("+0.05" in told.out) == (gap is not None)


def test_a_rank_is_that_of_the_score_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = ledger.new_entry(SUBMISSION, "", "some-competition")
    about = client.CompetitionStatus("some-competition", metric="Accuracy Score", teams=15_000)
    board = [float(score) for score in range(client.RANKED + 600, 600, -1)]
    monkeypatch.setattr(client, "competition", lambda slug: about)
    monkeypatch.setattr(client, "leaderboard", lambda slug: board)
    ranks = []
    for rating in (600.0, 700.0, 10_600.0, 10_600.0):
        found = client.RemoteSubmission(7, entry.description, "complete", rating, None, "")
        monkeypatch.setattr(client, "submissions", lambda slug, found=found: [found])
        scores.refresh([entry], "some-competition")
        ranks.append((entry.rank, entry.teams))
    assert ranks == [(None, None), (9901, 15_000), (1, 15_000), (1, 15_000)]


@pytest.mark.parametrize(
    ("scores", "maximize"), [([0.9, 0.1], True), ([0.1, 0.9], False), ([0.5], None), ([], None)]
)
def test_the_leaderboards_order_tells_which_way_is_better(
    scores: list[float], maximize: bool | None
) -> None:
    assert Leaderboard("some", "2031-01-02", private=False, scores=scores).maximize is maximize


def test_tag_ends_the_description() -> None:
    entry = ledger.new_entry(OTHER, "long " * 200, "some-competition")
    other = ledger.new_entry(OTHER, "", "some-competition")
    assert entry.description.endswith(f"[{entry.tag}]")
    assert len(entry.description) < 500
    assert entry.tag != other.tag


def test_commit_and_changes_since() -> None:
    def git(*words: str) -> None:
        who = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
        subprocess.run(["git", *who, *words], check=True, capture_output=True)

    git("init")
    git("add", "params.yaml", "submissions/other.csv")
    git("commit", "-m", "start")
    OTHER.write_text("id,y\n1,c\n", encoding="utf-8")  # what is sent is no change of the project
    clean = ledger.new_entry(OTHER, "", "some-competition")
    assert clean.commit is not None
    assert len(clean.commit) == 40
    assert not clean.dirty
    params = Path("params.yaml")
    params.write_text(params.read_text(encoding="utf-8") + "seed: 1\n", encoding="utf-8")
    assert ledger.new_entry(OTHER, "", "some-competition").dirty


def test_broken_line_is_named() -> None:
    ledger.save([ledger.new_entry(OTHER, "", "some-competition")])
    with LEDGER.open("a", encoding="utf-8") as file:
        file.write('{"tag": "half')
    with pytest.raises(Fault, match="Line 2"):
        ledger.load()


def test_no_ledger_yet() -> None:
    assert ledger.load() == []
