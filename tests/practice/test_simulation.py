"""Agents submitted through the official client: how they are validated, played and rated."""

import io
import json
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import practice_kaggle
import pytest
import requests
import yaml
from practice_kaggle.cli import main
from practice_kaggle.simulation.rating import Rating, update

FIRST = "def agent(observation, configuration):\n    return observation.board.index(0)\n"
SLUG = "connectx"


@pytest.fixture
def arena(tmp_path: Path, connect: Any) -> Callable[..., Any]:
    """Return a context manager: ConnectX against random, its server and a client signed in."""

    @contextmanager
    def play(fail: Any = (), **changes: Any) -> Iterator[tuple[practice_kaggle.Server, Any]]:
        with practice_kaggle.serve(_write(tmp_path / SLUG, **changes), fail=fail) as server:
            yield server, connect(server)

    return play


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[practice_kaggle.Server]:
    """ConnectX where an agent has a second for a move, and half a second more in all."""
    folder = tmp_path_factory.mktemp("impatient")
    short = {"configuration": {"actTimeout": 1}, "overage_seconds": 0.5}
    with practice_kaggle.serve(_write(folder, **short)) as server:
        yield server


def _write(folder: Path, **changes: Any) -> Path:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    settings = {"slug": SLUG, "environment": SLUG, "ladder": ["random"], "episodes": 0}
    text = yaml.safe_dump(settings | {"scoring_seconds": 0} | changes)
    (folder / "competition.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def submit(tmp_path: Path) -> Callable[..., int]:
    """Return a function that submits the source of an agent, and returns its number."""

    def send(api: Any, source: str, name: str = "main.py") -> int:
        path = tmp_path / name
        path.write_text(source, encoding="utf-8")
        return int(api.competition_submit(str(path), "my agent", SLUG, quiet=True).ref)

    return send


def _tar(path: Path, **files: str) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name.replace("__", "."))
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def _logs(api: Any, episode: int, seat: int, folder: Path) -> list[Any]:
    api.competition_episode_agent_logs(episode, seat, str(folder))
    path = folder / f"episode-{episode}-agent-{seat}-logs.json"
    logs: list[Any] = json.loads(path.read_text(encoding="utf-8"))
    return logs


def test_an_agent_is_validated_and_then_rated(arena: Any, submit: Any, tmp_path: Path) -> None:
    with arena(episodes=3) as (_, api):
        ref = submit(api, FIRST)
        (found,) = api.competition_submissions(SLUG)
        assert found.status.name == "COMPLETE"
        *rating, validation = api.competition_list_episodes(ref)
        board = api.competition_leaderboard_view(SLUG)
        mine = next(row for row in board if row.team_name == "You")
        team = api.competition_team_submissions(mine.team_id)
        limits = api.competition_get_submission_limits(SLUG)
    assert validation.type.name == "EPISODE_TYPE_VALIDATION"
    assert [agent.submission_id for agent in validation.agents] == [ref, ref]
    assert [episode.type.name for episode in rating] == ["EPISODE_TYPE_PUBLIC"] * 3
    assert {agent.team_name for agent in rating[0].agents} == {"You", "Random"}
    own = [next(a for a in episode.agents if a.submission_id == ref) for episode in rating]
    assert all(agent.state.name == "EPISODE_AGENT_STATE_COMPLETE" for agent in own)
    assert found.public_score == mine.score == team[0].public_score != "600.0"
    assert [submission.id for submission in team] == [ref]
    assert limits.num_total == 1


def test_ratings_are_those_of_the_example_in_the_paper_on_glicko() -> None:
    before = [Rating(1500, 200), Rating(1400, 30), Rating(1550, 100), Rating(1700, 300)]
    after = update(before, [7, 1, 2, 3], [0, -1, 1, 1])
    assert after[7].mu == pytest.approx(1464, abs=0.5)
    assert after[7].sigma == pytest.approx(151.4, abs=0.1)
    twice = update([Rating(), Rating(), Rating()], [7, 7, 1], [1, None, 0])
    assert twice[7].mu == pytest.approx(600)  # a win and a failure; not against itself


def test_status_goes_from_pending_to_complete_in_the_background(arena: Any, submit: Any) -> None:
    with arena(scoring_seconds=0.01, episodes=1) as (_, api):
        ref = submit(api, FIRST)
        seen = []
        end = time.monotonic() + 30
        while len(api.competition_list_episodes(ref)) < 2 and time.monotonic() < end:
            seen.append(api.competition_submissions(SLUG)[0].status.name)
            time.sleep(0.02)
        seen.append(api.competition_submissions(SLUG)[0].status.name)
    assert (seen[0], seen[-1]) == ("PENDING", "COMPLETE")


def test_replay_and_logs_are_downloaded(arena: Any, submit: Any, tmp_path: Path) -> None:
    source = "import sys\n" + FIRST.replace(
        "    return", "    print('x' * 20_000, file=sys.stderr)\n    print('hello')\n    return"
    )
    with arena(episodes=1) as (_, api):
        ref = submit(api, source)
        public, validation = api.competition_list_episodes(ref)
        api.competition_episode_replay(validation.id, str(tmp_path))
        replay = json.loads((tmp_path / f"episode-{validation.id}-replay.json").read_text())
        logs = _logs(api, validation.id, 1, tmp_path)
        theirs = next(agent.index for agent in public.agents if agent.team_name == "Random")
        with pytest.raises(requests.HTTPError, match="403"):
            _logs(api, public.id, theirs, tmp_path)
    assert replay["info"]["TeamNames"] == ["You", "You"]
    assert replay["statuses"] == ["DONE", "DONE"]
    moves = sum(step[1]["status"] == "ACTIVE" for step in replay["steps"])
    assert len(logs) == moves > 2
    assert len(logs[0][0]["stderr"]) == 10_000
    assert logs[0][0]["stdout"] == "hello\n"


FAILING = {
    "hangs": ("while True: pass", "TIMEOUT", "was killed"),
    "is late": ("import time; time.sleep(2)", "TIMEOUT", ""),
    "raises": ("raise ValueError('my mistake')", "ERROR", "my mistake"),
    "crashes": ("import os; os.write(2, b'last words'); os._exit(7)", "ERROR", "exit code 7"),
    "plays illegally": ("return 99", "INVALID", ""),
    "imports what Kaggle lacks": ("import sb3_contrib", "ERROR", "No module named 'sb3_contrib'"),
    "imports its project": ("import compete.errors", "ERROR", "No module named 'compete'"),
    "returns nothing": ("return None", "INVALID", ""),  # is column 0, until that is full
    "returns what JSON lacks": ("return {0}", "INVALID", "not JSON serializable"),
}


@pytest.mark.parametrize(("body", "status", "words"), FAILING.values(), ids=FAILING)
def test_an_agent_that_fails_ends_in_an_error_with_logs(
    impatient: Any, connect: Any, submit: Any, tmp_path: Path, body: str, status: str, words: str
) -> None:
    api = connect(impatient)
    ref = submit(api, f"def agent(observation, configuration):\n    {body}\n")
    found = api.competition_submissions(SLUG)[0]
    (episode,) = api.competition_list_episodes(ref)
    api.competition_episode_replay(episode.id, str(tmp_path))
    logs = _logs(api, episode.id, 0, tmp_path)
    assert (found.status.name, found.public_score) == ("ERROR", "")
    assert f"Validation Episode failed: agent 0 ended with status {status}" in (
        found.error_description
    )
    replay = json.loads((tmp_path / f"episode-{episode.id}-replay.json").read_text())
    assert replay["statuses"][0] == status
    assert replay["rewards"][0] is None
    state = {"TIMEOUT": "TIMEOUT", "ERROR": "EVALUATION", "INVALID": "INVALID_ACTION"}[status]
    assert episode.agents[0].state.name == f"EPISODE_AGENT_STATE_ERROR_{state}"
    assert words in json.dumps(logs)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups to kill")
def test_what_an_agent_has_started_is_killed_with_it(
    impatient: Any, connect: Any, submit: Any, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    program = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    body = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {program!r}])"
    api = connect(impatient)
    submit(api, f"def agent(observation, configuration):\n    {body}\n")
    assert "status TIMEOUT" in api.competition_submissions(SLUG)[0].error_description
    end = time.monotonic() + 10
    while _runs(int(pid.read_text())):
        assert time.monotonic() < end
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


def test_an_archive_is_played_with_what_lies_beside_main(
    arena: Any, submit: Any, tmp_path: Path
) -> None:
    main = (
        "import moves, os\n"
        "def agent(observation, configuration):\n"
        "    beside = os.path.dirname(configuration['__raw_path__'])\n"
        "    assert open(os.path.join(beside, 'moves.py')).read()\n"
        "    assert not os.listdir('.')\n"
        "    return moves.first(observation)\n"
    )
    beside = "def first(observation):\n    return observation.board.index(0)\n"
    path = _tar(tmp_path / "submission.tar.gz", main__py=main, moves__py=beside)
    with arena() as (_, api):
        api.competition_submit(str(path), "tar", SLUG, quiet=True)
        (found,) = api.competition_submissions(SLUG)
    assert (found.status.name, found.error_description) == ("COMPLETE", "")


@pytest.mark.parametrize(
    ("name", "words"),
    [("deep/main__py", "main.py was not found"), ("../main__py", "could not be unpacked")],
)
def test_an_archive_without_main_or_out_of_its_folder_is_an_error(
    arena: Any, tmp_path: Path, name: str, words: str
) -> None:
    path = _tar(tmp_path / "submission.tar.gz", **{name: FIRST})
    with arena() as (_, api):
        api.competition_submit(str(path), "tar", SLUG, quiet=True)
        (found,) = api.competition_submissions(SLUG)
    assert found.status.name == "ERROR"
    assert words in found.error_description


def test_a_file_over_the_limit_is_refused(arena: Any, submit: Any) -> None:
    with arena(max_submission_mb=0.00001) as (server, api):
        with pytest.raises(requests.HTTPError) as caught:
            submit(api, FIRST)
        assert server.count("Upload") == 0
    response: Any = caught.value.response
    assert (
        "exceeds the Simulations Competition maximum size of 1e-05 Mb"
        in response.json()["error"]["message"]
    )


def _wrote(server: practice_kaggle.Server, source: str) -> None:
    """Make a version of a notebook that has run and has written this agent."""
    account = server.site.account
    request = {"competitionDataSources": [SLUG]}
    version = account.store.add_kernel_version("my-agent", "My agent", 0.0, request)
    folder = account.kernels.output(version)
    folder.mkdir(parents=True)
    (folder / "submission.py").write_text(source, encoding="utf-8")
    account.store.set_status(version, "COMPLETE")


@pytest.mark.parametrize("megabytes", [1, 0.00001])
def test_the_agent_that_a_notebook_wrote_is_played_or_refused(arena: Any, megabytes: float) -> None:
    with arena(max_submission_mb=megabytes) as (server, api):
        _wrote(server, FIRST)
        words = ("submission.py", "mine", SLUG, "practice/my-agent", 1)
        if megabytes < 1:
            with pytest.raises(requests.HTTPError) as caught:
                api.competition_submit_code(*words, quiet=True)
            response: Any = caught.value.response
            assert "exceeds the Simulations" in response.json()["error"]["message"]
            return
        ref = api.competition_submit_code(*words, quiet=True).ref
        (found,) = api.competition_submissions(SLUG)
        (validation,) = api.competition_list_episodes(ref)
    assert (found.status.name, found.public_score) == ("COMPLETE", "600.0")
    assert validation.type.name == "EPISODE_TYPE_VALIDATION"


def test_later_submissions_play_earlier_ones_and_a_stopped_server_goes_on(
    arena: Any, submit: Any
) -> None:
    slow = "import time\n" + FIRST.replace("    return", "    time.sleep(0.05)\n    return")
    with arena(ladder=[], scoring_seconds=0.01) as (_, api):
        ref = submit(api, slow)
        end = time.monotonic() + 30
        while not api.competition_list_episodes(ref) and time.monotonic() < end:
            time.sleep(0.01)
    with arena(ladder=[], episodes=1) as (_, api):
        other = submit(api, FIRST)
        assert {s.status.name for s in api.competition_submissions(SLUG)} == {"COMPLETE"}
        episodes = api.competition_list_episodes(ref)
        (public,) = [e for e in episodes if e.type.name == "EPISODE_TYPE_PUBLIC"]
        third = submit(api, FIRST)
        assert [s.ref for s in api.competition_submissions(SLUG)] == [third, other, ref]
    assert episodes[-1].state.name == "NEVER_STARTED"
    assert {agent.submission_id for agent in public.agents} == {ref, other}


def test_an_environment_for_several_players_is_made_and_played(
    connect: Any, submit: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "geese"
    main(["make", "simulation", str(folder), "--environment", "hungry_geese", "--players", "4"])
    path = folder / "competition.yaml"
    changes = {"slug": SLUG, "episodes": 1, "scoring_seconds": 0}
    changes |= {"configuration": {"episodeSteps": 20}}
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | changes))
    with practice_kaggle.serve(folder) as server:
        api = connect(server)
        ref = submit(api, "def agent(observation, configuration):\n    return 'NORTH'\n")
        (found,) = api.competition_submissions(SLUG)
        public, validation = api.competition_list_episodes(ref)
    assert found.status.name == "COMPLETE", found.error_description
    assert len(validation.agents) == len(public.agents) == 4
    assert {agent.team_name for agent in public.agents} == {"You", "Greedy", "Random"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"environment": "chess9"}, "no environment 'chess9'"),
        ({"players": 3}, "players must be one of 2"),
        ({"ladder": ["magnus"]}, "has only negamax, random"),
        ({"configuration": {"columns": 0}}, "Configuration Invalid"),
    ],
)
def test_a_competition_that_can_not_be_played_says_why(
    arena: Any, submit: Any, changes: Any, words: str
) -> None:
    with arena(**changes) as (_, api):
        submit(api, FIRST)
        (found,) = api.competition_submissions(SLUG)
    assert found.status.name == "ERROR"
    assert words in found.error_description


def test_failures_are_injected_into_episodes_replays_and_logs(
    arena: Any, submit: Any, tmp_path: Path
) -> None:
    with arena() as (server, api):
        ref = submit(api, FIRST)
        api.competition_submissions(SLUG)
        (episode,) = api.competition_list_episodes(ref)
        calls: dict[str, Callable[[], Any]] = {
            "ListSubmissionEpisodes": lambda: api.competition_list_episodes(ref),
            "GetEpisodeReplay": lambda: api.competition_episode_replay(episode.id, str(tmp_path)),
            "GetEpisodeAgentLogs": lambda: _logs(api, episode.id, 0, tmp_path),
        }
        for method, call in calls.items():
            server.fail(method, "503")
            with pytest.raises(requests.HTTPError, match="503"):
                call()
            call()


def test_an_environment_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"no environment 'chess9'.* connectx"):
        main(["make", "simulation", str(tmp_path / "chess"), "--environment", "chess9"])
    assert not (tmp_path / "chess").exists()


def test_the_server_does_not_load_the_environments(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom practice_kaggle import serve\n"
        f"with serve({str(_write(tmp_path / SLUG))!r}):\n"
        "    print([m for m in ('kaggle_environments', 'numpy') if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == "[]"


def test_unknown_numbers_are_not_found(arena: Any, tmp_path: Path) -> None:
    with arena() as (_, api):
        calls: list[Callable[[], Any]] = [
            lambda: api.competition_list_episodes(5),
            lambda: api.competition_episode_replay(5, str(tmp_path)),
            lambda: api.competition_team_submissions(5),
        ]
        for call in calls:
            with pytest.raises(requests.HTTPError, match="404"):
                call()
