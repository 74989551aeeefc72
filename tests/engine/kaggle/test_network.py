"""A network, a server or a disk that fails: waited out, or told in one sentence."""

import os
from pathlib import Path

import practice_kaggle
import pytest

from compete.kaggle import retry

from .harness import FILE, SLUG, Project, Serve, Worker

NOWHERE = "http://127.0.0.1:9"


def test_token_without_a_network(project: Project, serving: Serve) -> None:
    with serving(fail=["IntrospectToken=drop:0"]):
        done = project.compete("download", KAGGLE_API_TOKEN="practice-token")
    done.assert_fault("cannot be reached", "connection")


def test_proxy_that_is_down(project: Project, serving: Serve) -> None:
    with serving():
        done = project.compete("download", HTTP_PROXY=NOWHERE, http_proxy=NOWHERE)
    done.assert_fault("proxy", "HTTPS_PROXY")


def test_asked_to_slow_down_once(worker: Worker, site: practice_kaggle.Server) -> None:
    site.fail("GetCompetition", "429", 1)
    assert "value" in worker.ask(f"client.competition('{SLUG}')")


def test_asked_to_slow_down_for_long(worker: Worker, site: practice_kaggle.Server) -> None:
    site.fail("GetCompetition", "429", 3600)
    worker.fault(f"client.competition('{SLUG}')", "rate of requests", "429")


def test_waiting_is_told(project: Project, serving: Serve) -> None:
    with serving(fail=["GetCompetition=429@1"]):
        done = project.compete("download")
    assert done.code == 0, done.text
    assert "Retrying in 1 s" in done.err


@pytest.mark.parametrize("mode", ["500", "503", "drop"])
def test_passing_trouble_is_waited_out(
    worker: Worker, site: practice_kaggle.Server, mode: str
) -> None:
    site.fail("GetCompetition", mode)
    assert "value" in worker.ask(f"client.competition('{SLUG}')")


def test_lasting_trouble(worker: Worker, site: practice_kaggle.Server) -> None:
    site.fail("GetCompetition", "503", times=4)
    worker.fault(f"client.competition('{SLUG}')", "server error (503)")


def test_guest_network(worker: Worker, site: practice_kaggle.Server) -> None:
    site.fail("GetCompetition", "html", times=4)
    worker.fault(f"client.competition('{SLUG}')", "guest network", "browser")


def test_guest_network_instead_of_the_data(project: Project, serving: Serve) -> None:
    with serving(fail=["Download=html"]) as server:
        project.compete("download").assert_fault("damaged", "downloads a new copy")
        assert not (project.folder / "data" / "raw").exists()
        again = project.compete("download")
        assert again.code == 0, again.text
        assert server.count("Download") == 2


@pytest.mark.parametrize(
    ("mode", "says"), [("stall", "did not answer in time"), ("freeze", "connection stalled")]
)
@pytest.mark.parametrize(
    ("method", "expression", "attempts"),
    [
        ("GetCompetition", f"client.competition('{SLUG}')", 2),
        ("ListSubmissions", f"client.submissions('{SLUG}')", 2),
        ("CreateSubmission", f"client.submit_file('{SLUG}', {FILE}, 'x')", 1),
    ],
)
def test_a_silent_connection_ends(
    worker: Worker,
    site: practice_kaggle.Server,
    method: str,
    expression: str,
    attempts: int,
    mode: str,
    says: str,
) -> None:
    site.fail(method, mode, 20, times=attempts)  # one more attempt would be answered
    try:
        worker.fault(expression, says, "same command")
    finally:
        site.failures.clear()


def test_the_silences_of_a_request_are_less_than_two_minutes() -> None:
    assert 2 * retry.READ_SECONDS + retry.PAUSES[0] < 120


def test_a_download_that_goes_silent_ends_and_goes_on(project: Project, serving: Serve) -> None:
    project.seconds = 3.0  # less, and a loaded machine's list of files is late too
    archive = project.folder / "data/.download/data.zip"
    with serving(fail=["Download=freeze@200000:0"]) as server:
        done = project.compete("download")
        done.assert_fault("connection stalled", "resumes where it stopped")
        assert server.count("Download") == 3  # at first, again, and of the rest
        there = archive.stat().st_size
        assert there >= 2 * 2**16
        server.failures.clear()
        project.seconds = 30.0  # this one is to be answered, on a loaded machine too
        done = project.compete("download")
        assert done.code == 0, done.text
        assert f"bytes={there}-" in [request.get("range") for request in server.requests]
    notes = (project.folder / "data/raw/more/notes.csv").read_bytes()
    assert notes.endswith(b"\n149999,22499700001\n")


def test_a_stalled_upload_ends(worker: Worker, site: practice_kaggle.Server) -> None:
    site.fail("Upload", "stall", 60, times=4)
    try:
        worker.fault(
            f"client.submit_file('{SLUG}', {FILE}, 'x')", "upload", "nothing was submitted"
        )
    finally:
        site.failures.clear()


def test_lost_in_the_middle_of_a_download(project: Project, serving: Serve) -> None:
    with serving(fail=["Download=drop@70000:0"]) as server:
        project.compete("download").assert_fault("lost", "resumes where it stopped")
        assert not (project.folder / "data" / "raw").exists()
        server.failures.clear()
        done = project.compete("download")
        assert done.code == 0, done.text
        ranges = [r["range"] for r in server.requests if r.get("status") == 206]
        assert ranges, "it began anew"
    assert (project.folder / "data/raw/more/notes.csv").exists()


def test_a_disk_too_small_for_the_data(project: Project, serving: Serve, practice: Path) -> None:
    try:
        with (practice / "data" / "huge.bin").open("wb") as file:
            file.truncate(8 * 2**40)  # a hole: it takes no room here
    except OSError:
        pytest.skip("this file system knows no sparse files")
    with serving() as server:
        project.compete("download").assert_fault("GB", "free", "free some space")
        assert server.count("DownloadDataFiles") == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_disk_that_fills_up(worker: Worker, tmp_path: Path) -> None:
    target = tmp_path / "data.zip"
    target.symlink_to("/dev/full")
    call = f"client.download('{SLUG}', Path({str(target)!r}), lambda coming: None, False)"
    worker.fault(call, "disk is full", "free some space")


def test_a_file_that_cannot_be_written(worker: Worker, tmp_path: Path) -> None:
    (tmp_path / "data.zip").mkdir()
    target = str(tmp_path / "data.zip")
    call = f"client.download('{SLUG}', Path({target!r}), lambda coming: None, False)"
    worker.fault(call, target, "fix")
