"""What Kaggle refuses: provoked through the real client, told in one sentence."""

from pathlib import Path

import pytest

from .harness import FILE, SLUG, Project, Serve, Worker


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
        done.assert_fault("token in the variable KAGGLE_API_TOKEN", "over the legacy key", "unset")
        doctor = project.compete("doctor", KAGGLE_API_TOKEN="wrong-secret")
    assert doctor.code == 1
    assert "over the legacy key" in doctor.out


def test_good_token(project: Project, serving: Serve) -> None:
    with serving():
        done = project.compete("download", KAGGLE_API_TOKEN="practice-token")
    assert done.code == 0, done.text


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
    worker.fault("client.files('not-joined')", "not-joined", "misspelled", "join")


def test_daily_limit(worker: Worker) -> None:
    submit = f"client.submit_file('spent', {FILE}, 'x')"
    worker.fault(submit, "daily Submission allowance (0)", "midnight UTC")


def test_file_for_a_code_competition(worker: Worker) -> None:
    worker.fault(f"client.submit_file('notebooks', {FILE}, 'x')", "code competition", "notebook")


def test_deadline_passed(worker: Worker) -> None:
    worker.fault(
        f"client.submit_file('over', {FILE}, 'x')",
        "no longer accepts submissions",
        "late-submission",
    )


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("spent", ("no submissions left", "midnight")),
        ("notebooks", ("code competition",)),
        ("over", ("deadline", "2020-01-01", "--late")),
        ("no-rules", ("not joined", "rules")),
        ("closed", ("no longer accepts submissions",)),
    ],
)
def test_what_kaggle_would_refuse(worker: Worker, slug: str, words: tuple[str, ...]) -> None:
    worker.fault(f"submission.require_permission('{slug}')", *words)


def test_submit_is_refused_before_the_upload(project: Project, serving: Serve) -> None:
    project.write_submission()
    with serving(max_daily_submissions=0) as server:
        project.compete("submit").assert_fault("no submissions left", "midnight")
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
