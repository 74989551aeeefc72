"""A tournament goes on where it was interrupted, and plays each match once."""

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from filelock import FileLock

from compete.errors import Fault
from compete.tasks.simulation.tournament import play_tournament, read_results

LEFT = "def agent(observation): return observation.board[:7].index(0)\n"


def test_every_pair_plays_in_both_orders_and_nothing_is_played_twice(tmp_path: Path) -> None:
    left = tmp_path / "left.py"
    left.write_text(LEFT, encoding="utf-8")
    agents = {"random": "random", "left": str(left)}
    path = tmp_path / "results.jsonl"
    first = play_tournament(path, "connectx", agents, rounds=2)
    assert Counter(result.players for result in first) == {
        ("random", "left"): 2,
        ("left", "random"): 2,
    }
    assert all(0 < slowest < 5 for result in first for slowest in result.slowest)

    # Killed in the middle of a line: what is whole is kept, the rest is played.
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]) + lines[2][:30])
    again = play_tournament(path, "connectx", agents, rounds=2)
    assert read_results(path)[:2] == first[:2]
    assert [(r.players, r.round, r.ranks) for r in again] == [
        (r.players, r.round, r.ranks) for r in first
    ]
    assert len(path.read_bytes().splitlines()) == 4

    # A changed agent plays anew; its old results are left in the file.
    left.write_text(LEFT + "# better\n", encoding="utf-8")
    changed = play_tournament(path, "connectx", agents, lineups=[("left", "random")])
    assert len(changed) == 1
    assert len(read_results(path)) == 5


def test_killed_at_any_moment_it_goes_on(tmp_path: Path) -> None:
    script = tmp_path / "play.py"
    script.write_text(
        "from pathlib import Path\n"
        "from compete.tasks.simulation.tournament import play_tournament\n"
        "if __name__ == '__main__':\n"
        "    agents = {'a': 'random', 'b': 'compete.tasks.simulation.players:tactical'}\n"
        f"    path = Path({str(tmp_path / 'r.jsonl')!r})\n"
        "    play_tournament(path, 'connectx', agents, rounds=4)\n",
        encoding="utf-8",
    )
    path = tmp_path / "r.jsonl"
    for wanted in (2, 5):
        process = subprocess.Popen([sys.executable, script])
        while not path.exists() or path.read_bytes().count(b"\n") < wanted:
            assert process.poll() is None
            time.sleep(0.02)
        process.kill()
        process.wait()
    subprocess.run([sys.executable, script], check=True)
    keys = [
        (*line["players"], line["round"]) for line in map(json.loads, path.open(encoding="utf-8"))
    ]
    assert len(keys) == len(set(keys)) == 8


def test_a_missing_agent_and_a_second_tournament_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    with pytest.raises(Fault, match=r"gone\.py does not exist"):
        play_tournament(path, "connectx", {"a": "random", "b": str(tmp_path / "gone.py")})
    with FileLock(tmp_path / ".results.jsonl.lock"), pytest.raises(Fault, match="Another process"):
        play_tournament(path, "connectx", {"a": "random", "b": "negamax"})
