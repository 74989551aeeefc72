"""What goes wrong with Kaggle: provoked through the real client, told in one sentence."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import practice_kaggle
import pytest

from .harness import SLUG, Project, Serve, Worker, settings, write_practice

VARIANTS: dict[str, dict[str, Any]] = {
    SLUG: {},
    "no-rules": {"rules_accepted": False},
    "not-joined": {"entered": False},
    "notebooks": {"kernels_only": True},
    "spent": {"max_daily_submissions": 0},
    "closed": {"submissions_disabled": True},
    "over": {"deadline": "2020-01-01T00:00:00Z"},
}
FILE = "Path('submissions/submission.csv')"
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[practice_kaggle.Server]:
    """One server with a competition for each way to be refused."""
    folder = tmp_path_factory.mktemp("site")
    for slug, changes in VARIANTS.items():
        write_practice(folder / slug)
        settings(folder / slug, slug=slug, **changes)
    with practice_kaggle.serve(folder) as server:
        yield server


@pytest.fixture(scope="module")
def worker(
    site: practice_kaggle.Server, library: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worker]:
    folder = tmp_path_factory.mktemp("worker")
    project = Project(folder, library, env=site.env, seconds=1.5)
    project.write_submission()
    worker = Worker(project, folder / "stderr.txt")
    yield worker
    worker.close()


# ------------------------------------------------------------------ who we are


def test_no_credentials(project: Project, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    done = project.compete("download", HOME=str(tmp_path / "home"), XDG_CONFIG_HOME="unset")
    done.assert_fault("no kaggle credentials", "KAGGLE_API_TOKEN", "kaggle.com/settings")
    assert done.out == ""


def test_wrong_key(project: Project, serving: Serve) -> None:
    with serving():
        done = project.compete("download", KAGGLE_KEY="wrong-secret", VERBOSE="1")
    done.assert_fault("does not accept the legacy key", "KAGGLE_USERNAME", "401")
    assert done.out == ""


def test_bad_token_hides_a_good_legacy_key(project: Project, serving: Serve) -> None:
    with serving():
        done = project.compete("download", KAGGLE_API_TOKEN="wrong-secret")
        done.assert_fault("token in the variable KAGGLE_API_TOKEN", "hides the legacy key", "unset")
        doctor = project.compete("doctor", KAGGLE_API_TOKEN="wrong-secret")
    assert doctor.code == 1
    assert "hides the legacy key" in doctor.out


def test_good_token(project: Project, serving: Serve) -> None:
    with serving():
        done = project.compete("download", KAGGLE_API_TOKEN="practice-token")
    assert done.code == 0, done.text


def test_token_without_a_network(project: Project, serving: Serve) -> None:
    with serving(fail=["IntrospectToken=drop:0"]):
        done = project.compete("download", KAGGLE_API_TOKEN="practice-token")
    done.assert_fault("cannot be reached", "connection")


def test_proxy_that_is_down(project: Project, serving: Serve) -> None:
    with serving():
        done = project.compete("download", HTTP_PROXY=NOWHERE, http_proxy=NOWHERE)
    done.assert_fault("proxy", "HTTPS_PROXY")


# ------------------------------------------------------------------ what Kaggle refuses


@pytest.mark.parametrize("shape", ["today", "older"])
def test_rules_not_accepted(project: Project, serving: Serve, shape: str) -> None:
    with serving(rules_accepted=False, options={"error_shape": shape}):
        done = project.compete("download")
    done.assert_fault("not accepted the rules", f"kaggle.com/competitions/{SLUG}/rules")


@pytest.mark.parametrize("status", [403, 404])
def test_unknown_slug(project: Project, serving: Serve, status: int) -> None:
    (project.folder / "params.yaml").write_text("competition: {slug: od-or-even}\n")
    with serving(options={"unknown_status": status}):
        done = project.compete("download")
    done.assert_fault("od-or-even", "competition.slug")


def test_not_joined(worker: Worker) -> None:
    worker.fault("client.files('not-joined')", "not-joined", "typing error", "join")


def test_daily_limit(worker: Worker) -> None:
    submit = f"client.submit('spent', {FILE}, 'x')"
    worker.fault(submit, "daily Submission allowance (0)", "midnight UTC")


def test_file_for_a_code_competition(worker: Worker) -> None:
    worker.fault(f"client.submit('notebooks', {FILE}, 'x')", "code competition", "notebook")


def test_deadline_passed(worker: Worker) -> None:
    worker.fault(f"client.submit('over', {FILE}, 'x')", "no more submissions", "late-submission")


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("spent", ("used up", "midnight")),
        ("notebooks", ("code competition",)),
        ("over", ("deadline", "2020-01-01", "--late")),
        ("no-rules", ("not joined", "rules")),
        ("closed", ("no more submissions",)),
    ],
)
def test_what_kaggle_would_refuse(worker: Worker, slug: str, words: tuple[str, ...]) -> None:
    worker.fault(f"submission.require_permission('{slug}')", *words)


def test_submit_is_refused_before_the_upload(project: Project, serving: Serve) -> None:
    project.write_submission()
    with serving(max_daily_submissions=0) as server:
        project.compete("submit").assert_fault("used up", "midnight")
        assert server.count("StartSubmissionUpload") == 0
    assert project.ledger() == []


def test_a_file_that_kaggle_cannot_score(project: Project, serving: Serve) -> None:
    path = project.write_submission()
    for file in (path, project.folder / "sample.csv"):  # we believe in one row too few
        lines = file.read_text(encoding="utf-8").splitlines()[:-1]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    contract = project.folder / "contract.yaml"
    contract.write_text(contract.read_text(encoding="utf-8").replace("value: 40", "value: 39"))
    with serving():
        project.compete("submit").assert_fault("could not score", "40 rows")
    assert project.ledger()[0]["state"] == "error"
    assert "40 rows" in project.ledger()[0]["error"]


def test_upload_that_fails(project: Project, serving: Serve) -> None:
    project.write_submission()
    with serving(fail=["Upload=403"]) as server:
        project.compete("submit").assert_fault("upload", "nothing was submitted")
        assert server.count("CreateSubmission") == 0
        assert project.compete("submit").code == 0
        assert server.count("CreateSubmission") == 1
    assert [entry["state"] for entry in project.ledger()] == ["refused", "complete"]


# ------------------------------------------------------------------ a network that fails


def test_asked_to_slow_down_once(worker: Worker, site: practice_kaggle.Server) -> None:
    site.fail("GetCompetition", "429", 1)
    assert "value" in worker.ask(f"client.competition('{SLUG}')")


def test_asked_to_slow_down_for_long(worker: Worker, site: practice_kaggle.Server) -> None:
    site.fail("GetCompetition", "429", 3600)
    worker.fault(f"client.competition('{SLUG}')", "slow down", "429")


def test_waiting_is_told(project: Project, serving: Serve) -> None:
    with serving(fail=["GetCompetition=429@1"]):
        done = project.compete("download")
    assert done.code == 0, done.text
    assert "Trying again in 1 s" in done.err


@pytest.mark.parametrize("mode", ["500", "503", "drop"])
def test_passing_trouble_is_waited_out(
    worker: Worker, site: practice_kaggle.Server, mode: str
) -> None:
    site.fail("GetCompetition", mode)
    assert "value" in worker.ask(f"client.competition('{SLUG}')")


def test_lasting_trouble(worker: Worker, site: practice_kaggle.Server) -> None:
    site.fail("GetCompetition", "503", times=4)
    worker.fault(f"client.competition('{SLUG}')", "problem of its own (503)")


def test_guest_network(worker: Worker, site: practice_kaggle.Server) -> None:
    site.fail("GetCompetition", "html", times=4)
    worker.fault(f"client.competition('{SLUG}')", "guest network", "browser")


def test_guest_network_instead_of_the_data(project: Project, serving: Serve) -> None:
    with serving(fail=["Download=html"]) as server:
        project.compete("download").assert_fault("damaged", "fetches a new copy")
        assert not (project.folder / "data" / "raw").exists()
        again = project.compete("download")
        assert again.code == 0, again.text
        assert server.count("Download") == 2


@pytest.mark.parametrize(
    ("method", "expression"),
    [
        ("GetCompetition", f"client.competition('{SLUG}')"),
        ("ListSubmissions", f"client.submissions('{SLUG}')"),
        ("CreateSubmission", f"client.submit('{SLUG}', {FILE}, 'x')"),
    ],
)
def test_a_stalled_connection_ends(
    worker: Worker, site: practice_kaggle.Server, method: str, expression: str
) -> None:
    site.fail(method, "stall", 60, times=4)
    try:
        worker.fault(expression, "did not answer in time")
    finally:
        site.faults.clear()


def test_a_stalled_upload_ends(worker: Worker, site: practice_kaggle.Server) -> None:
    site.fail("Upload", "stall", 60, times=4)
    try:
        worker.fault(f"client.submit('{SLUG}', {FILE}, 'x')", "upload", "nothing was submitted")
    finally:
        site.faults.clear()


def test_lost_in_the_middle_of_a_download(project: Project, serving: Serve) -> None:
    with serving(fail=["Download=drop@70000:0"]) as server:
        project.compete("download").assert_fault("lost", "goes on where it stopped")
        assert not (project.folder / "data" / "raw").exists()
        server.faults.clear()
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
        project.compete("download").assert_fault("GB", "free", "make room")
        assert server.count("DownloadDataFiles") == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_disk_that_fills_up(worker: Worker, tmp_path: Path) -> None:
    target = tmp_path / "data.zip"
    target.symlink_to("/dev/full")
    call = f"client.download('{SLUG}', Path({str(target)!r}), lambda coming: None, False)"
    worker.fault(call, "disk is full", "make room")


def test_a_file_that_cannot_be_written(worker: Worker, tmp_path: Path) -> None:
    (tmp_path / "data.zip").mkdir()
    target = str(tmp_path / "data.zip")
    call = f"client.download('{SLUG}', Path({target!r}), lambda coming: None, False)"
    worker.fault(call, target, "mend")
