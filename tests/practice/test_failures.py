"""Injected failures, as the official client sees them, and the log of requests."""

import json
import time
from pathlib import Path
from typing import Any

import practice_kaggle
import pytest
import requests
from practice_kaggle.failure_injection import parse_failure
from practice_kaggle.site import KEY

LIST = "ListDataFiles"


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_a_status_fails_one_call_and_not_the_next(playing: Any, status: int) -> None:
    with playing(fail=f"{LIST}={status}@7") as (_, api, _folder):
        with pytest.raises(requests.HTTPError) as caught:
            api.competition_list_files("wines")
        assert len(api.competition_list_files("wines").files) == 3
    response: Any = caught.value.response
    assert response.status_code == status
    assert response.headers["Retry-After"] == "7"
    assert response.json()["error"]["code"] == status


def test_a_failure_can_last_several_calls(playing: Any) -> None:
    with playing() as (server, api, _folder):
        server.fail(LIST, "500", times=2)
        for _ in range(2):
            with pytest.raises(requests.HTTPError):
                api.competition_list_files("wines")
        api.competition_list_files("wines")


def test_the_older_shape_of_errors_can_be_chosen(playing: Any) -> None:
    settings = {"error_shape": "older", "rules_accepted": False}
    with playing(**settings) as (_, api, folder), pytest.raises(requests.HTTPError) as caught:
        api.competition_download_files("wines", str(folder))
    response: Any = caught.value.response
    assert response.json().keys() == {"code", "message"}


def test_a_captive_portal_sends_a_page(playing: Any) -> None:
    with playing(fail=f"{LIST}=html") as (_, api, _folder):
        with pytest.raises(requests.exceptions.JSONDecodeError):
            requests.post(_url(LIST), json={}, timeout=5).json()
        assert api.competition_list_files("wines").files


def test_a_dropped_call_is_a_connection_error(playing: Any) -> None:
    with playing(fail=f"{LIST}=drop") as (_, api, _folder), pytest.raises(requests.ConnectionError):
        api.competition_list_files("wines")


@pytest.mark.parametrize("mode", ["stall", "freeze@50"])
def test_a_silent_server_is_left_by_a_timeout_only(playing: Any, mode: str) -> None:
    with playing(fail=f"{LIST}={mode}") as (server, _, _folder):
        with pytest.raises(requests.exceptions.RequestException, match="timed out"):
            requests.post(_url(LIST), json={}, auth=("practice", KEY), timeout=0.3)
        started = time.monotonic()
    assert time.monotonic() - started < 4  # the stalled call does not hold up the end
    assert server.count(LIST) == 1


def test_a_short_stall_only_delays(playing: Any) -> None:
    with playing(fail=f"{LIST}=stall@0.4") as (_, api, _folder):
        started = time.monotonic()
        assert len(api.competition_list_files("wines").files) == 3
        assert time.monotonic() - started >= 0.4


def test_a_lost_response_leaves_the_submission_recorded_once(playing: Any, perfect: Any) -> None:
    with playing(fail="CreateSubmission=lose-response") as (server, api, folder):
        with pytest.raises(requests.ConnectionError):
            api.competition_submit(str(perfect(folder)), "once", "wines", quiet=True)
        (found,) = api.competition_submissions("wines")
        assert server.count("CreateSubmission") == 1
    assert (found.description, found.public_score) == ("once", "1.00000")


def test_a_failed_upload_submits_nothing(playing: Any, perfect: Any) -> None:
    with playing(fail="Upload=403") as (server, api, folder):
        sent = api.competition_submit(str(perfect(folder)), "", "wines", quiet=True)
        assert sent.message == "Could not submit to competition"
        assert sent.ref == 0
        assert api.competition_submissions("wines") == []
        assert server.count("CreateSubmission") == 0


def test_an_upload_that_breaks_off_is_no_submission_and_can_be_repeated(
    playing: Any, tmp_path: Path
) -> None:
    path = tmp_path / "large.csv"
    path.write_text("id,sort\n" + "1,1\n" * 100_000, encoding="utf-8")
    with playing(fail="Upload=drop@1000") as (server, api, _folder):
        # The client's own retry sends only the rest of its file object, so the length is wrong.
        first = api.competition_submit(str(path), "", "wines", quiet=True)
        again = api.competition_submit(str(path), "", "wines", quiet=True)
        kept = server.site.competitions["wines"].db
        sizes = [kept.uploaded(s.token).stat().st_size for s in kept.submissions()]
    assert first.ref == 0
    assert again.ref > 0
    assert sizes == [path.stat().st_size]


def test_an_upload_can_be_resumed(playing: Any, tmp_path: Path) -> None:
    content = b"id,sort\n" * 1000
    with playing() as (_, _api, _folder):
        body: Any = {"competitionName": "wines", "fileName": "a.csv", "contentLength": len(content)}
        auth = ("practice", KEY)
        url = _url("StartSubmissionUpload")
        target = requests.post(url, json=body, auth=auth, timeout=5).json()["createUrl"]

        def put(data: bytes, content_range: str) -> requests.Response:
            headers = {"Content-Range": content_range}
            return requests.put(target, data=data, headers=headers, timeout=5)

        total = len(content)
        nothing = put(b"", f"bytes */{total}")
        assert (nothing.status_code, nothing.headers.get("Range")) == (308, None)
        assert put(content[:3000], f"bytes 0-2999/{total}").status_code == 308
        some = put(b"", f"bytes */{total}")
        assert some.headers["Range"] == "bytes=0-2999"
        assert put(content[3000:], f"bytes 3000-{total - 1}/{total}").status_code == 200
        assert put(b"", f"bytes */{total}").status_code == 200


def test_failures_can_be_written_into_the_folder(make_practice: Any, connect: Any) -> None:
    folder = make_practice(fail=[f"{LIST}=503:0"])
    with practice_kaggle.serve(folder) as server:
        api = connect(server)
        for _ in range(3):
            with pytest.raises(requests.HTTPError, match="503"):
                api.competition_list_files("wines")


def test_a_running_server_can_be_told_to_fail(playing: Any) -> None:
    with playing(fail="*=drop:0") as (server, _, _folder):
        refused = requests.post("http://localhost/practice/fail", data="nonsense", timeout=5)
        assert refused.status_code == 400
        server.failures.clear()
        taken = requests.post("http://localhost/practice/fail", data=f"{LIST}=503\n", timeout=5)
        assert taken.status_code == 204
        assert requests.post(_url(LIST), json={}, timeout=5).status_code == 503


def test_the_log_is_kept_and_holds_no_credentials(playing: Any, perfect: Any) -> None:
    with playing() as (server, api, folder):
        api.competition_submit(str(perfect(folder)), "", "wines", quiet=True)
        token = server.site.competitions["wines"].db.submissions()[0].token
    text = (folder / "state" / "requests.jsonl").read_text(encoding="utf-8")
    assert [json.loads(line) for line in text.splitlines()] == server.requests
    methods = [entry["method"] for entry in server.requests]
    assert methods == ["StartSubmissionUpload", "Upload", "CreateSubmission"]
    assert token  # the upload's address is no credential, the key is
    assert KEY not in text
    assert "authorization" not in text.lower()


@pytest.mark.parametrize("text", ["", "X", "X=never", "X=99", "X=drop@", "X=200", "X=drop:-1"])
def test_a_failure_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(practice_kaggle.PracticeError):
        parse_failure(text)


def _url(method: str) -> str:
    return f"http://localhost/api/v1/competitions.CompetitionApiService/{method}"
