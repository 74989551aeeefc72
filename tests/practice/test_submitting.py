"""Submitting through the official client: what is accepted, refused, and found bad later."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import practice_kaggle
import pytest
import requests


def _submit(api: Any, path: Path, slug: str = "wines") -> Any:
    return api.competition_submit(str(path), "my words", slug, quiet=True)


def test_an_accepted_submission_is_listed_with_its_scores(
    playing: Any, perfect: Any, tmp_path: Path
) -> None:
    with playing(title="Wines", reveal_private=True) as (_, api, folder):
        path = perfect(folder)
        sent = _submit(api, path)
        (found,) = api.competition_submissions("wines")
    assert sent.message == "Successfully submitted to Wines"
    assert found.ref == sent.ref > 0
    assert (found.description, found.file_name) == ("my words", "submission.csv")
    assert found.total_bytes == path.stat().st_size
    assert (found.public_score, found.private_score) == ("1.00000", "1.00000")
    assert abs(found.date - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=1)


def test_a_submission_is_pending_while_it_is_scored(playing: Any, perfect: Any) -> None:
    with playing(scoring_seconds=3600) as (_, api, folder):
        _submit(api, perfect(folder))
        (found,) = api.competition_submissions("wines")
    assert (found.status.name, found.public_score) == ("PENDING", "")


def test_submissions_outlive_the_server(make_practice: Any, connect: Any, perfect: Any) -> None:
    folder = make_practice()
    with practice_kaggle.serve(folder) as server:
        sent = _submit(connect(server), perfect(folder))
    with practice_kaggle.serve(folder) as server:
        api = connect(server)
        (found,) = api.competition_submissions("wines")
        again = _submit(api, perfect(folder))
    assert found.ref == sent.ref < again.ref


def test_a_submission_can_be_fetched_back(playing: Any, perfect: Any) -> None:
    from kagglesdk.competitions.types.competition_api_service import (
        ApiDownloadSubmissionRequest,
        ApiGetSubmissionRequest,
    )

    with playing() as (_, api, folder):
        path = perfect(folder)
        ref = _submit(api, path).ref
        with api.build_kaggle_client() as kaggle:
            client = kaggle.competitions.competition_api_client
            one = ApiGetSubmissionRequest()
            one.ref = ref
            assert client.get_submission(one).public_score == "1.00000"
            file = ApiDownloadSubmissionRequest()
            file.submission_id = ref
            assert client.download_submission(file).content == path.read_bytes()


# ------------------------------------------------------------------ refused at once

REFUSALS = [
    ({"entered": False}, 403, "Permission 'competitions.participate' was denied"),
    ({"rules_accepted": False}, 403, "accept this competition's rules"),
    ({"kernels_only": True}, 400, "This competition only accepts Submissions from Notebooks."),
    ({"max_daily_submissions": 0}, 400, "has used its daily Submission allowance (0) today"),
    ({"deadline": "2020-01-01"}, 400, "no longer accepting submissions"),
    ({"submissions_disabled": True}, 400, "no longer accepting submissions"),
]


@pytest.mark.parametrize(("settings", "status", "words"), REFUSALS)
def test_refusals_come_in_the_words_of_kaggle(
    playing: Any, perfect: Any, settings: Any, status: int, words: str
) -> None:
    with playing(**settings) as (server, api, folder):
        with pytest.raises(requests.HTTPError) as caught:
            _submit(api, perfect(folder))
        assert server.site.competitions["wines"].db.submissions() == []
    response: Any = caught.value.response
    assert response.status_code == status
    assert words in response.json()["error"]["message"]


def test_without_the_rules_files_are_listed_but_not_served(playing: Any, tmp_path: Path) -> None:
    with playing(rules_accepted=False) as (_, api, _folder):
        assert len(api.competition_list_files("wines").files) == 3
        with pytest.raises(requests.HTTPError) as caught:
            api.competition_download_files("wines", str(tmp_path))
    response: Any = caught.value.response
    assert "rules" in response.json()["error"]["message"]


@pytest.mark.parametrize("status", [403, 404])
def test_an_unknown_slug_is_refused(make_practice: Any, connect: Any, status: int) -> None:
    with practice_kaggle.serve(make_practice(), unknown_status=status) as server:
        api = connect(server)
        with pytest.raises(requests.HTTPError) as caught:
            api.competition_list_files("wine")
    response: Any = caught.value.response
    assert response.status_code == status


def test_the_daily_limit_ends_at_midnight(make_practice: Any, connect: Any, perfect: Any) -> None:
    folder = make_practice(max_daily_submissions=2)
    evening = datetime(2030, 3, 4, 21, 30, tzinfo=UTC)
    with practice_kaggle.serve(folder, now=evening) as server:
        api = connect(server)
        path = perfect(folder)
        _submit(api, path)
        assert api.competition_get_submission_limits("wines").num_allowed_now == 1
        _submit(api, path)
        limits = api.competition_get_submission_limits("wines")
        assert (limits.num_today, limits.num_total, limits.num_allowed_now) == (2, 2, 0)
        with pytest.raises(requests.HTTPError) as caught:
            _submit(api, path)
    response: Any = caught.value.response
    message = response.json()["error"]["message"]
    assert "allowance (2) today, please try again tomorrow UTC (2 hours from now)" in message
    with practice_kaggle.serve(folder, now=evening + timedelta(hours=3)) as server:
        api = connect(server)
        _submit(api, path)
        assert len(api.competition_submissions("wines")) == 3


def test_the_daily_limit_holds_when_many_submit_at_once(playing: Any, perfect: Any) -> None:
    with playing(max_daily_submissions=3) as (_, api, folder):
        path = perfect(folder)

        def attempt(_: int) -> int:
            try:
                return int(_submit(api, path).ref)
            except requests.HTTPError:
                return 0

        with ThreadPoolExecutor(8) as pool:
            refs = [ref for ref in pool.map(attempt, range(8)) if ref]
        assert len(set(refs)) == len(refs) == 3
        assert {s.ref for s in api.competition_submissions("wines")} == set(refs)


def test_a_submission_that_can_not_be_scored_does_not_count(
    playing: Any, perfect: Any, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("id,sort\n1,2\n", encoding="utf-8")
    with playing(max_daily_submissions=1) as (_, api, folder):
        _submit(api, bad)
        assert api.competition_get_submission_limits("wines").num_allowed_now == 1
        _submit(api, perfect(folder))


# ------------------------------------------------------------------ accepted, then found bad


def _instead_of_row_5(value: object) -> Any:
    def spoil(frame: pl.DataFrame) -> pl.DataFrame:
        changed = pl.when(pl.col("id") == 5).then(pl.lit(value)).otherwise(pl.col("sort"))
        return frame.with_columns(pl.col("sort").cast(pl.String)).with_columns(sort=changed)

    return spoil


BAD: dict[str, tuple[Any, str]] = {
    "no target": (
        lambda frame: frame.rename({"sort": "Sort"}),
        "ERROR: Required column 'sort' could not be found",
    ),
    "no key": (
        lambda frame: frame.rename({"id": "Id"}),
        "ERROR: Required column 'id' could not be found",
    ),
    "too few rows": (
        lambda frame: frame.head(100),
        "Evaluation Exception: Submission must have 178 rows",
    ),
    "too many rows": (
        lambda frame: pl.concat([frame, frame.head(1)]),
        "Evaluation Exception: Submission must have 178 rows",
    ),
    "unknown key": (
        lambda frame: frame.with_columns(pl.col("id") + 1),
        "ERROR: Unable to find the required key value '0' in the 'id' column",
    ),
    "same key twice": (
        lambda frame: frame.with_columns(pl.col("id").clip(1)),
        "ERROR: The value '1' in the key column 'id' has already been defined (Line 3, Column 1)",
    ),
    "empty": (_instead_of_row_5(None), "Submission contains null values"),
    "NaN": (_instead_of_row_5("NaN"), "Submission contains null values"),
    "no number": (_instead_of_row_5("red"), "Unable to parse 'red' as a number"),
    "infinite": (_instead_of_row_5("inf"), "Unable to parse 'inf' as a number"),
}


@pytest.mark.parametrize(("spoil", "words"), BAD.values(), ids=BAD)
def test_a_bad_file_is_accepted_and_then_ends_in_an_error(
    playing: Any, tmp_path: Path, spoil: Any, words: str
) -> None:
    path = tmp_path / "bad.csv"
    with playing(metric="rmse") as (_, api, folder):
        right = pl.read_csv(folder / "private" / "solution.csv").drop("Usage")
        spoil(right).write_csv(path)
        assert _submit(api, path).message.startswith("Successfully submitted")
        (found,) = api.competition_submissions("wines")
    assert found.status.name == "ERROR"
    assert words in found.error_description
    assert found.public_score == ""


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x01\x02,\n", b"PK\x03\x04 no csv"])
def test_a_file_that_is_no_csv_ends_in_an_error(
    playing: Any, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with playing() as (_, api, _folder):
        _submit(api, path)
        (found,) = api.competition_submissions("wines")
    assert found.status.name == "ERROR"
    assert found.error_description
