"""Killed at any moment, the same command finishes, and nothing is submitted twice."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import practice_kaggle
import pytest
from fork_server import KILL

from .harness import Project, Serve


def after(server: practice_kaggle.Server, requests: int, jitter: float) -> Callable[[], bool]:
    """Whether that many requests more than now were answered, and a moment has passed."""
    start, seen = len(server.requests), [0.0]

    def reached() -> bool:
        if len(server.requests) < start + requests:
            return False
        seen[0] = seen[0] or time.monotonic()
        return time.monotonic() >= seen[0] + jitter

    return reached


def tree(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("request_number", [1, 2, 3, 4])
def test_killed_download(project: Project, serving: Serve, request_number: int) -> None:
    random.seed(request_number)
    with serving(fail=["Download=drop@200000:1"]) as server:
        moment = after(server, request_number, random.uniform(0, 0.1))
        assert project.killed_when(moment, "download")
        raw = project.folder / "data" / "raw"
        if raw.exists():  # absent or whole
            assert len(tree(raw)) == 3
        done = project.compete("download")
        assert done.code == 0, done.text
    data = project.folder / "data"
    assert set(tree(data)) == {
        "competition.json",
        ".download/manifest.json",
        "raw/more/notes.csv",
        "raw/sample_submission.csv",
        "raw/test.csv",
    }
    assert (data / "raw/more/notes.csv").read_bytes().endswith(b"\n149999,22499700001\n")


def test_download_killed_while_unpacking(project: Project, serving: Serve) -> None:
    staged = project.folder / "data" / ".download" / "unpacked"
    with serving() as server:
        assert project.killed_when(staged.exists, "download")
        done = project.compete("download")
        assert done.code == 0, done.text
        assert server.count("Download") <= 2
    assert len(tree(project.folder / "data" / "raw")) == 3
    assert not staged.exists()


@pytest.mark.parametrize("request_number", [1, 2, 3, 4, 5, 6])
def test_killed_submit(project: Project, serving: Serve, request_number: int) -> None:
    random.seed(request_number)
    project.write_submission()
    with serving(scoring_seconds=1.5) as server:
        moment = after(server, request_number, random.uniform(0, 0.03))
        assert project.killed_when(moment, "submit", "-m", "once")
        done = project.compete("submit", "-m", "once")
        assert done.code == 0, done.text
        assert server.count("CreateSubmission") == 1
    (entry,) = project.ledger()
    assert entry["state"] == "complete"
    assert entry["public"] == 1.0


def test_response_to_the_submission_is_lost(project: Project, serving: Serve) -> None:
    project.write_submission()
    with serving(fail=["CreateSubmission=lose-answer"]) as server:
        done = project.compete("submit")
        assert done.code == 0, done.text
        assert server.count("CreateSubmission") == 1
    assert [entry["state"] for entry in project.ledger()] == ["complete"]


def test_response_is_lost_and_then_the_network(project: Project, serving: Serve) -> None:
    project.write_submission()
    with serving(fail=["CreateSubmission=lose-answer", "ListSubmissions=drop:4"]) as server:
        project.compete("submit").assert_fault("cannot be reached", "same command")
        assert project.ledger()[0]["state"] == "sending"
        done = project.compete("submit")
        assert done.code == 0, done.text
        assert server.count("CreateSubmission") == 1
    assert [entry["state"] for entry in project.ledger()] == ["complete"]


def test_submission_that_never_arrived_is_sent_again(project: Project, serving: Serve) -> None:
    project.write_submission()
    with serving(fail=["CreateSubmission=drop"]) as server:
        project.compete("submit").assert_fault("same command")
        done = project.compete("submit")
        assert done.code == 0, done.text
        assert server.count("CreateSubmission") == 2
    assert [entry["state"] for entry in project.ledger()] == ["complete"]


@pytest.mark.skipif(os.name == "nt", reason="no process there can send Ctrl-C to one other")
@pytest.mark.parametrize("words", [["submit"], ["submit", "--again"]])
def test_waiting_for_the_score_can_be_stopped(
    project: Project, serving: Serve, words: list[str]
) -> None:
    project.write_submission()
    if "--again" in words:
        with serving():
            project.compete("submit")
    with serving(scoring_seconds=3600) as server:

        def interrupt(pid: int) -> None:
            while server.count("ListSubmissions") < 2:
                time.sleep(0.01)
            time.sleep(0.3)  # while a connection is closed, Python would swallow it
            os.kill(pid, signal.SIGINT)

        done = project.compete(*words, meanwhile=interrupt)
        assert done.code > 0, done.text
        assert "Traceback" not in done.text
    assert project.ledger()[-1]["state"] == "pending"
    with serving() as server:
        done = project.compete(*words)
        assert done.code == 0, done.text
        assert server.count("CreateSubmission") == 0
    assert [entry["state"] for entry in project.ledger()] == ["complete"] * len(words)


def test_a_lost_submission_is_not_mistaken_for_another(project: Project, serving: Serve) -> None:
    project.write_submission()
    with serving(fail=["CreateSubmission=drop"]) as server:
        project.compete("submit").assert_fault("same command")
        project.write_submission(flip=4)
        done = project.compete("submit")
        assert done.code == 0, done.text
        assert server.count("CreateSubmission") == 2
    assert [entry["state"] for entry in project.ledger()] == ["refused", "complete"]


def test_two_at_once(project: Project, serving: Serve) -> None:
    project.write_submission()
    aside = "import sys; from compete.cli import main; sys.argv = ['compete', {!r}]; main()"
    with serving(scoring_seconds=3600) as server:

        def in_another_terminal(pid: int) -> None:
            while server.count("ListSubmissions") < 1:
                time.sleep(0.01)
            project.write_submission(flip=4)
            project.python(aside.format("submit")).assert_fault("is running", "compete status")
            shown = project.python(aside.format("status"))
            assert shown.code == 0, shown.text
            assert "pending" in shown.out
            os.kill(pid, KILL)

        project.compete("submit", meanwhile=in_another_terminal)
        assert server.count("CreateSubmission") == 1
    with serving():
        done = project.compete("submit")
        assert done.code == 0, done.text
    assert [entry["state"] for entry in project.ledger()] == ["complete", "complete"]
