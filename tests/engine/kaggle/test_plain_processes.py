"""Where there is no `os.fork`, commands run in plain processes, and can be killed there too."""

import time

import pytest
from fork_server import PlainProcesses, make_launcher

from .harness import Project, Serve


@pytest.fixture
def plain(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project, its commands in plain processes."""
    monkeypatch.delattr("os.fork", raising=False)
    project.launcher = make_launcher((), {})
    assert isinstance(project.launcher, PlainProcesses)
    return project


def test_a_command_runs_in_a_plain_process(plain: Project, serving: Serve) -> None:
    with serving():
        done = plain.compete("download")
    assert (done.code, done.out) == (0, "")
    assert (plain.folder / "data/raw/test.csv").exists()
    plain.compete("validate", "nowhere.csv").assert_fault("no file nowhere.csv")


def test_a_plain_process_is_killed(plain: Project, serving: Serve) -> None:
    plain.write_submission()
    with serving(scoring_seconds=3600) as server:
        begin = time.monotonic()
        assert plain.killed_when(lambda: server.count("ListSubmissions") > 0, "submit")
        assert time.monotonic() - begin < 25
    assert [entry["state"] for entry in plain.ledger()] in (["sending"], ["pending"])
