"""Agents on the practice Kaggle, as the engine reads their ratings, episodes, replays and logs."""

import ast
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import practice_kaggle
import pytest
import yaml

from .harness import Worker

AGENT = """import sys

def agent(observation, configuration):
    print("thinking", file=sys.stderr)
    return {move}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[practice_kaggle.Server]:
    """ConnectX against random."""
    folder = tmp_path_factory.mktemp("connectx")
    (folder / "data").mkdir()
    settings = {"slug": "connectx", "environment": "connectx", "ladder": ["random"], "episodes": 1}
    text = yaml.safe_dump(settings | {"scoring_seconds": 0.05})
    (folder / "competition.yaml").write_text(text, encoding="utf-8")
    with practice_kaggle.serve(folder) as server:
        yield server


def _value(worker: Worker, expression: str) -> Any:
    reply = worker.ask(expression)
    assert "value" in reply, reply
    return ast.literal_eval(reply["value"])


def _submit(worker: Worker, folder: Path, move: str) -> int:
    path = folder / "main.py"
    path.write_text(AGENT.format(move=move), encoding="utf-8")
    return int(_value(worker, f"client.submit_file('connectx', Path({str(path)!r}), 'x')"))


def _wait(worker: Worker, ref: int, count: int) -> list[Any]:
    """Wait until a submission has played so many episodes; return kind, state and seats of each."""
    expression = (
        f"[(e.id, e.kind, e.state, [(a.index, a.submission, a.team, a.reward, a.state) "
        f"for a in e.agents]) for e in episodes.episodes({ref}) if e.ended]"
    )
    end = time.monotonic() + 60
    while len(found := _value(worker, expression)) < count and time.monotonic() < end:
        time.sleep(0.1)
    return list(found)


@pytest.fixture(scope="module")
def first(worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, list[Any]]:
    """A submission that has been rated, and its episodes."""
    ref = _submit(worker, tmp_path_factory.mktemp("agent"), "observation.board.index(0)")
    return ref, _wait(worker, ref, 2)


def test_an_agent_has_a_rating_and_episodes(worker: Worker, first: tuple[int, list[Any]]) -> None:
    ref, ((_, kind, state, seats), validation) = first
    assert (kind, state) == ("public", "completed")
    assert {team for _, _, team, _, _ in seats} == {"You", "Random"}
    assert [index for index, *_ in seats] == [0, 1]
    assert sum(reward for *_, reward, _ in seats) == 0
    assert validation[1:3] == ("validation", "completed")
    assert [seat[1] for seat in validation[3]] == [ref, ref]
    assert [seat[4] for seat in validation[3]] == ["complete", "complete"]
    expression = f"(lambda r: (r.status, r.value, r.error))(episodes.rating({ref}))"
    status, value, error = _value(worker, expression)
    assert (status, error) == ("complete", "")
    assert 300 < value < 900
    assert value != 600


def test_replay_and_logs_are_fetched_in_spite_of_passing_trouble(
    worker: Worker, site: practice_kaggle.Server, first: tuple[int, list[Any]], tmp_path: Path
) -> None:
    episode = first[1][-1][0]
    replay, logs = tmp_path / "more" / "replay.json", tmp_path / "logs.json"
    for mode, amount in [("503", None), ("drop", 3000), ("html", None)]:
        site.fail("GetEpisodeReplay", mode, amount)
        assert _value(worker, f"episodes.replay({episode}, Path({str(replay)!r}))") is None
        assert json.loads(replay.read_text(encoding="utf-8"))["info"]["EpisodeId"] == episode
        replay.unlink()
    site.fail("GetEpisodeAgentLogs", "429", 1)
    assert _value(worker, f"episodes.agent_logs({episode}, 1, Path({str(logs)!r}))") is None
    assert json.loads(logs.read_text(encoding="utf-8"))[0][0]["stderr"] == "thinking\n"


def test_a_failed_fetch_leaves_what_was_there(
    worker: Worker, site: practice_kaggle.Server, first: tuple[int, list[Any]], tmp_path: Path
) -> None:
    path = tmp_path / "replay.json"
    path.write_text("before", encoding="utf-8")
    fetch = f"episodes.replay({first[1][-1][0]}, Path({str(path)!r}))"
    for mode, amount, words in [("freeze", 3000, "stalled"), ("html", None, "guest network")]:
        site.fail("GetEpisodeReplay", mode, amount, times=None)
        worker.fault(fetch, words)
        site.failures.clear()
        assert [p.name for p in tmp_path.iterdir()] == ["replay.json"]
        assert path.read_text(encoding="utf-8") == "before"


def test_an_agent_that_fails_has_no_rating_but_a_reason(worker: Worker, tmp_path: Path) -> None:
    ref = _submit(worker, tmp_path, "1 / 0")
    ((_, kind, _, seats),) = _wait(worker, ref, 1)
    assert (kind, seats[0][3], seats[0][4]) == ("validation", None, "error_evaluation")
    expression = f"(lambda r: (r.status, r.value, r.error))(episodes.rating({ref}))"
    status, value, error = _value(worker, expression)
    assert (status, value) == ("error", None)
    assert "Validation Episode failed" in error


def test_unknown_numbers_and_logs_of_others_are_told(
    worker: Worker, first: tuple[int, list[Any]], tmp_path: Path
) -> None:
    worker.fault("episodes.rating(5)", "no submission 5 (404)", "kaggle competitions submissions")
    worker.fault("episodes.episodes(5)", "no submission 5 (404)")
    worker.fault("episodes.replay(5, Path('r.json'))", "no episode 5 (404)", "episodes SUBMISSION")
    episode, _, _, seats = first[1][0]
    theirs = next(index for index, _, team, *_ in seats if team == "Random")
    worker.fault(
        f"episodes.agent_logs({episode}, {theirs}, Path({str(tmp_path / 'l.json')!r}))",
        f"no logs of agent {theirs}",
        "your own agent",
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("method", ["GetSubmission", "ListSubmissionEpisodes"])
def test_silence_ends_and_passing_trouble_is_waited_out(
    worker: Worker, site: practice_kaggle.Server, first: tuple[int, list[Any]], method: str
) -> None:
    function = {"GetSubmission": "rating", "ListSubmissionEpisodes": "episodes"}[method]
    site.fail(method, "503")
    assert "value" in worker.ask(f"episodes.{function}({first[0]})")
    site.fail(method, "stall", times=2)
    try:
        worker.fault(f"episodes.{function}({first[0]})", "did not answer in time")
    finally:
        site.failures.clear()
