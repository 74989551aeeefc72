"""What the official client reads: competitions, pages, files, the leaderboard, tokens."""

import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import practice_kaggle
import pytest
import requests
from practice_kaggle.site import TOKEN
from sklearn.metrics import accuracy_score, root_mean_squared_error


def _get_competition(api: Any, slug: str) -> Any:
    """Call GetCompetition as the engine does: the client has no command for it."""
    from kagglesdk.competitions.types.competition_api_service import ApiGetCompetitionRequest

    request = ApiGetCompetitionRequest()
    request.competition_name = slug
    with api.build_kaggle_client() as kaggle:
        return kaggle.competitions.competition_api_client.get_competition(request)


def test_a_competition_is_described_as_its_folder_says(playing: Any) -> None:
    settings = {
        "title": "Sorts of wine",
        "metric": "Mean Absolute Error",
        "deadline": "2031-05-06T07:08:09Z",
        "max_daily_submissions": 7,
        "kernels_only": True,
    }
    with playing(**settings) as (_, api, _folder):
        found = _get_competition(api, "wines")
        (listed,) = api.competitions_list(search="WINE").competitions
        (evaluation,) = api.competition_list_pages("wines", "evaluation")
    assert found.title == listed.title == "Sorts of wine"
    assert found.evaluation_metric == "Mean Absolute Error"
    assert found.deadline == datetime(2031, 5, 6, 7, 8, 9)
    assert found.max_daily_submissions == 7
    assert found.is_kernels_submissions_only
    assert found.user_has_entered
    assert "Mean Absolute Error" in evaluation.content


def test_files_are_listed_in_pages(playing: Any) -> None:
    with playing() as (_, api, folder):
        first = api.competition_list_files("wines", page_size=2)
        second = api.competition_list_files("wines", page_token=first.next_page_token, page_size=2)
    files = [*first.files, *second.files]
    assert [f.name for f in files] == ["notes/origin.txt", "sample_submission.csv", "test.csv"]
    assert len(first.files) == 2
    assert not second.next_page_token
    for file in files:
        assert file.total_bytes == (folder / "data" / file.name).stat().st_size


@pytest.mark.parametrize(
    ("metric", "score", "best_first"),
    [("accuracy", accuracy_score, True), ("rmse", root_mean_squared_error, False)],
)
def test_the_leaderboard_puts_the_best_first(
    playing: Any, tmp_path: Path, metric: str, score: Any, best_first: bool
) -> None:
    with playing(metric=metric, title="Wines") as (_, api, folder):
        truth = pl.read_csv(folder / "private" / "solution.csv")
        baselines = folder / "private" / "baselines"
        baselines.mkdir()
        expected = {}
        public = (truth["Usage"] == "Public").to_numpy()
        for name, shift in {"close": 20, "far": 100, "mine": 60}.items():
            guess = truth["sort"].to_numpy().copy()
            guess[:shift] = (guess[:shift] + 1) % 3
            expected[name] = score(truth["sort"].to_numpy()[public], guess[public])
            path = tmp_path / "mine.csv" if name == "mine" else baselines / f"{name}.csv"
            pl.DataFrame({"id": truth["id"], "sort": guess}).write_csv(path)
        expected["sample"] = score(truth["sort"].to_numpy()[public], np.zeros(public.sum()))
        api.competition_submit(str(tmp_path / "mine.csv"), "mine", "wines", quiet=True)
        rows = api.competition_leaderboard_view("wines")
        api.competition_leaderboard_download("wines", str(tmp_path))
        top = api.competition_leaderboard_view("wines", page_size=1)
    names = {"Close": "close", "Far": "far", "You": "mine", "Sample submission": "sample"}
    assert {names[r.team_name]: r.score for r in rows} == {
        name: f"{value:.5f}" for name, value in expected.items()
    }
    scores = [float(row.score) for row in rows]
    assert scores == sorted(scores, reverse=best_first)
    assert [row.team_name for row in top] == [rows[0].team_name]
    with zipfile.ZipFile(tmp_path / "wines.zip") as archive:
        table = pl.read_csv(archive.read(archive.namelist()[0]))
    assert table["TeamName"].to_list() == [row.team_name for row in rows]
    assert table["Rank"].to_list() == [1, 2, 3, 4]


def test_private_scores_are_hidden_until_the_deadline(
    make_practice: Any, connect: Any, perfect: Any
) -> None:
    end = datetime.now(UTC) + timedelta(hours=1)
    folder = make_practice(deadline=end.isoformat())
    with practice_kaggle.serve(folder) as server:
        api = connect(server)
        api.competition_submit(str(perfect(folder)), "", "wines", quiet=True)
        (before,) = api.competition_submissions("wines")
    with practice_kaggle.serve(folder, now=end + timedelta(hours=1)) as server:
        (after,) = connect(server).competition_submissions("wines")
    assert (before.public_score, before.private_score) == ("1.00000", "")
    assert (after.public_score, after.private_score) == ("1.00000", "1.00000")


def test_an_access_token_signs_in_and_a_wrong_one_wins_over_a_good_key(
    make_practice: Any, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with practice_kaggle.serve(make_practice()) as server:
        api = connect(server, KAGGLE_USERNAME="", KAGGLE_KEY="", KAGGLE_API_TOKEN=TOKEN)
        assert len(api.competitions_list().competitions) == 1
        with pytest.raises(requests.HTTPError) as caught:
            connect(server, KAGGLE_API_TOKEN="expired").competitions_list()
    response: Any = caught.value.response
    assert response.status_code == 401


def test_a_wrong_key_is_refused(make_practice: Any, connect: Any) -> None:
    with practice_kaggle.serve(make_practice()) as server:
        with pytest.raises(requests.HTTPError) as caught:
            connect(server, KAGGLE_KEY="wrong").competitions_list()
        response: Any = caught.value.response
        assert response.status_code == 401
        assert response.json()["error"]["status"] == "UNAUTHENTICATED"


def test_the_solution_is_never_served(playing: Any) -> None:
    with playing() as (server, _, _folder):
        for path in ("private/solution.csv", "data/../private/solution.csv", "competition.yaml"):
            quoted = path.replace("..", "%2e%2e")
            assert requests.get(f"{server.url}/file/wines/{quoted}", timeout=5).status_code == 404


def test_nothing_leaves_through_the_server(playing: Any) -> None:
    with playing() as (server, _, _folder):
        response = requests.get("http://example.org/", proxies={"http": server.url}, timeout=5)
    assert response.status_code == 502
