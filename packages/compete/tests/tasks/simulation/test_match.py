"""Agents misbehave in processes of their own, and get what Kaggle gives them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from compete.errors import Fault
from compete.tasks.simulation.agent_files import pack
from compete.tasks.simulation.agent_process import AgentProcess
from compete.tasks.simulation.match import Match, play_match
from compete.tasks.simulation.players import LADDER
from compete.tasks.simulation.search import connectx

LEFT = "def agent(observation, configuration): return observation.board[:7].index(0)"
WAYS = {
    "hangs": ("while True: pass", "TIMEOUT"),
    "raises": ("raise ValueError('no idea')", "ERROR"),
    "exits": ("import sys; sys.exit()", "ERROR"),
    "dies": ("import os; os._exit(3)", "ERROR"),
    "outside": ("return 7", "INVALID"),
    "numpy": ("import numpy; return numpy.int64(3)", "INVALID"),
}


@pytest.fixture(scope="module")
def opponent() -> Iterator[AgentProcess]:
    with AgentProcess("random", "connectx") as agent:
        yield agent


def written(folder: Path, body: str) -> str:
    path = folder / "main.py"
    path.write_text(body, encoding="utf-8")
    return str(path)


def play(*agents: AgentProcess) -> Match:
    return play_match("connectx", agents, configuration={"actTimeout": 0.3}, overage=0.2, seed=0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seat", [0, 1])
def test_an_agent_that_fails_is_last(
    tmp_path: Path, opponent: AgentProcess, way: str, seat: int
) -> None:
    body, status = WAYS[way]
    source = f"def agent(observation, configuration):\n    print('thinking')\n    {body}\n"
    with AgentProcess(written(tmp_path, source), "connectx") as failing:
        agents = [failing, opponent] if seat == 0 else [opponent, failing]
        start = time.perf_counter()
        match = play(*agents)
        assert time.perf_counter() - start < 20
        assert match.statuses[seat] == status
        assert match.statuses[1 - seat] == "DONE"
        assert (match.ranks[seat], match.ranks[1 - seat]) == (2, 1)
        assert match.rewards[seat] is None
        if way == "raises":
            assert "ValueError: no idea" in match.stderr[seat]
        if way == "dies":
            # The next game gets a process that is alive.
            assert play(*agents).statuses[seat] == "ERROR"


def test_the_last_callable_is_the_agent_and_every_move_is_timed(tmp_path: Path) -> None:
    source = f"import sys\ndef unused(): pass\nprint('hello', file=sys.stderr)\n{LEFT}\n"
    with (
        AgentProcess(written(tmp_path, source), "connectx") as left,
        AgentProcess(LADDER["tactical"], "connectx") as tactical,
    ):
        first, second = play(left, tactical), play(tactical, left)
    assert first.statuses == second.statuses == ("DONE", "DONE")
    assert first.ranks == (2, 1)  # it fills a column, which is blocked
    assert first.stderr == ("hello\n", "")
    moves = len(first.official.steps) - 1
    assert sum(map(len, first.seconds)) == moves
    assert all(0 < taken < 0.5 for own in first.seconds for taken in own)


def test_an_agent_that_returns_nothing_plays_the_default_action_and_is_told(
    tmp_path: Path, opponent: AgentProcess
) -> None:
    path = written(tmp_path, "def agent(observation): pass\n")
    with AgentProcess(path, "connectx") as silent:
        match = play(silent, opponent)
    assert match.official.steps[1][0].action == 0
    assert match.stderr[0].startswith("The agent returned None")


def test_another_environment_with_four_players_that_move_together() -> None:
    names = ("random", "greedy", "random", "random")
    agents = [AgentProcess(name, "hungry_geese") for name in names]
    try:
        match = play_match("hungry_geese", agents, seed=1)
    finally:
        for agent in agents:
            agent.close()
    assert match.statuses == ("DONE",) * 4
    rewards = [reward or 0 for reward in match.rewards]
    assert match.ranks == tuple(1 + sum(other > own for other in rewards) for own in rewards)
    assert len(set(match.ranks)) > 1


def test_a_stronger_search_beats_a_weaker_player() -> None:
    with (
        AgentProcess(LADDER["alpha-beta-4"], "connectx") as strong,
        AgentProcess(LADDER["random"], "connectx") as weak,
    ):
        results = [play_match("connectx", [strong, weak], seed=seed).ranks for seed in range(5)]
        results += [play_match("connectx", [weak, strong], seed=5).ranks[::-1]]
    assert results == [(1, 2)] * 6


@pytest.mark.parametrize("shipped", ["beside", "inside"])
def test_the_search_plays_as_a_submission(tmp_path: Path, shipped: str) -> None:
    source = Path(connectx.__file__).read_text(encoding="utf-8")
    end = "\nagent = Search()\n"
    if shipped == "beside":
        main = f"from shipped_search import Search\n{end}"
        path = str(tmp_path / "submission.tar.gz")
        files = {"main.py": main.encode(), "shipped_search.py": source.encode()}
        Path(path).write_bytes(pack(files))
    else:
        path = written(tmp_path, source + end)
    configuration = {"actTimeout": 0.2}
    with (
        AgentProcess(path, "connectx") as search,
        AgentProcess("random", "connectx") as weak,
    ):
        first = play_match("connectx", [search, weak], configuration=configuration)
        second = play_match("connectx", [weak, search], configuration=configuration)
    assert (first.ranks, second.ranks) == ((1, 2), (2, 1))
    assert first.stderr == second.stderr == ("", "")
    assert all(seconds < 0.2 for seconds in (*first.seconds[0][1:], *second.seconds[1]))
    assert 0.2 < first.seconds[0][0] < 30  # compiled


def test_an_unknown_environment_or_configuration_is_refused_by_name(
    opponent: AgentProcess,
) -> None:
    with pytest.raises(Fault, match="such as connectx"):
        play_match("conectx", [opponent, opponent])
    with pytest.raises(Fault, match="refuses its configuration"):
        play_match("connectx", [opponent, opponent], configuration={"rows": 0})


@pytest.mark.skipif(os.name == "nt", reason="Windows ends no process by a signal")
def test_a_hanging_agents_process_ends_with_its_parent(tmp_path: Path) -> None:
    (tmp_path / "hangs.py").write_text(
        "import pathlib, time\n"
        "def agent(observation):\n"
        f"    pathlib.Path({str(tmp_path / 'called')!r}).touch()\n"
        "    time.sleep(60)\n"
    )
    source = (
        "from compete.tasks.simulation.agent_process import AgentProcess\n"
        "if __name__ == '__main__':\n"
        f"    agent = AgentProcess({str(tmp_path / 'hangs.py')!r}, 'connectx')\n"
        "    agent.start()\n"
        "    print(agent._process.pid, flush=True)\n"
        "    agent({'remainingOverageTime': 60}, {'actTimeout': 60})\n"
    )
    parent = subprocess.Popen(
        [sys.executable, written(tmp_path, source)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    while not (tmp_path / "called").exists():
        time.sleep(0.05)
        assert parent.poll() is None
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the agent's process lives on")
