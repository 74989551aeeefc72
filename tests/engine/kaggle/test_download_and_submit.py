"""The way to Kaggle and back."""

import json
from pathlib import Path

from compete.records import CrossValidation, Scores

from .harness import ROWS, SLUG, Project, Serve


def test_download_leaves_the_files_and_a_record(project: Project, serving: Serve) -> None:
    with serving():
        done = project.compete("download")
    assert done.code == 0, done.text
    raw = project.folder / "data" / "raw"
    found = sorted(path.relative_to(raw).as_posix() for path in raw.rglob("*") if path.is_file())
    assert found == ["more/notes.csv", "sample_submission.csv", "test.csv"]
    record = json.loads((project.folder / "data/competition.json").read_text(encoding="utf-8"))
    assert record["metric"] == "Categorization Accuracy"
    assert record["deadline"] == "2031-01-01T00:00:00+00:00"
    assert record["max_daily_submissions"] == 5
    assert record["evaluation"] == "Submissions are evaluated on Categorization Accuracy."
    assert [file["name"] for file in record["files"]] == found


def test_download_again_fetches_nothing(project: Project, serving: Serve) -> None:
    with serving() as server:
        project.compete("download")
        record = (project.folder / "data/competition.json").read_bytes()
        again = project.compete("download")
        assert again.code == 0, again.text
        assert server.count("DownloadDataFiles") == 1
    assert (project.folder / "data/competition.json").read_bytes() == record


def test_download_keeps_what_the_user_added(
    project: Project, serving: Serve, practice: Path
) -> None:
    with serving() as server:
        project.compete("download")
        extra = project.folder / "data/raw/mine.csv"
        extra.write_text("mine\n", encoding="utf-8")
        project.compete("download")
        assert server.count("DownloadDataFiles") == 1
        assert extra.exists()
    (practice / "data" / "late.csv").write_text("a\n1\n", encoding="utf-8")
    with serving():
        done = project.compete("download")
    assert done.code == 0, done.text
    assert (project.folder / "data/raw/late.csv").exists()
    aside = project.folder / "data/.download"
    assert (aside / "before/mine.csv").exists()
    (project.folder / "data/raw/another.csv").write_text("mine too\n", encoding="utf-8")
    (practice / "data" / "later.csv").write_text("a\n1\n", encoding="utf-8")
    with serving():
        done = project.compete("download")
    assert "before-2" in done.err, done.text
    assert (aside / "before/mine.csv").exists()
    assert (aside / "before-2/another.csv").exists()


def test_data_that_is_here_is_enough_when_kaggle_is_not(project: Project, serving: Serve) -> None:
    with serving():
        project.compete("download")
    done = project.compete("download")  # the server is gone
    assert done.code == 0, done.text
    assert "existing data is kept" in done.err


def test_submit_writes_scores_rank_and_gap(project: Project, serving: Serve) -> None:
    project.write_submission(flip=4)
    cv = CrossValidation("accuracy", 0.85, "maximize", rows=ROWS, threshold=0.5, folds=[0.85])
    Scores(cv, {}).write(project.folder / "reports/metrics.json")
    with serving() as server:
        done = project.compete("submit", "-m", "first try")
        assert done.code == 0, done.text
        assert server.count("CreateSubmission") == 1
    (entry,) = project.ledger()
    assert entry["state"] == "complete"
    assert (entry["public"], entry["private"]) == (0.9, 0.9)
    assert entry["gap"] == 0.05
    assert entry["rank"] == 1
    assert entry["message"] == "first try"
    assert entry["params"]["competition"]["slug"] == SLUG
    assert len(entry["sha256"]) == 64
    kept = project.folder / "submissions" / "leaderboard.json"
    board = json.loads(kept.read_text(encoding="utf-8"))
    assert (board["slug"], board["private"]) == (SLUG, False)
    assert board["scores"][0] == 0.9


def test_a_score_by_another_metric_has_no_gap(project: Project, serving: Serve) -> None:
    project.write_submission(flip=4)
    cv = CrossValidation("log_loss", 0.35, "minimize", rows=ROWS, threshold=0.5, folds=[0.35])
    Scores(cv, {}).write(project.folder / "reports/metrics.json")
    with serving():
        project.compete("download")
        done = project.compete("submit", "-m", "by another")
    assert done.code == 0, done.text
    (entry,) = project.ledger()
    assert (entry["public"], entry["cv"], entry["gap"]) == (0.9, 0.35, None)
    assert entry["leaderboard_metric"] == "Categorization Accuracy"
    words = "is by log_loss, the leaderboard by Kaggle's 'Categorization Accuracy'"
    assert words in done.err
    assert words in project.compete("status").err


def test_the_same_file_is_not_sent_twice(project: Project, serving: Serve) -> None:
    project.write_submission()
    with serving() as server:
        project.compete("submit")
        second = project.compete("submit")
        assert second.code == 0, second.text
        assert "--again" in second.err
        assert server.count("CreateSubmission") == 1
        third = project.compete("submit", "--again")
        assert third.code == 0, third.text
        assert server.count("CreateSubmission") == 2
    assert len(project.ledger()) == 2


def test_status_needs_no_network(project: Project, serving: Serve) -> None:
    project.write_submission()
    with serving():
        project.compete("submit", "-m", "kept")
    offline = project.compete("status")
    assert offline.code == 0, offline.text
    assert "kept" in offline.out
    entries = json.loads(project.compete("status", "--json").out)
    assert [entry["message"] for entry in entries] == ["kept"]


def test_doctor_finds_everything_in_order(project: Project, serving: Serve) -> None:
    with serving():
        checks = json.loads(project.compete("doctor", "--json").out)
    states = {check["name"]: check["state"] for check in checks}
    for name in ("Python", "credentials", "Kaggle", "joined", "deadline", "quota"):
        assert states[name] == "ok", checks
    assert states["DVC"] == "fail"  # this project is a package alone


def test_a_submission_with_a_fault_never_leaves(project: Project, serving: Serve) -> None:
    path = project.write_submission()
    path.write_text(path.read_text(encoding="utf-8").replace("7,1", "7,x"), encoding="utf-8")
    with serving() as server:
        project.compete("submit").assert_fault("line 8", "'x'")
        assert server.requests == []
    assert project.ledger() == []
