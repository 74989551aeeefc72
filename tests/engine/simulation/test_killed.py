"""Killed at random moments, training, tournament and submit go on, and one agent is submitted."""

import json
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import practice_kaggle
import pytest
import yaml
from authors import params_of
from fork_server import KILL, KILLED, Job, Launcher, is_over, make_launcher
from practice_kaggle.environment import overlaid
from samples import write
from small import write_params

SLOW_IMPORTS = (
    *("jsonargparse", "kagglesdk", "numba", "sb3_contrib", "sklearn.linear_model", "torch"),
)
BOARD = {"rows": 4, "columns": 5}
SMALL: dict[str, dict[str, Any]] = {
    "competition": {"slug": "connectx"},
    "data": {"environment_kwargs": BOARD, "n_envs": 16, "snapshot_freq": 256, "pool_size": 2}
    | {"play": "argmax", "judge_rounds": 1, "judged_past_selves": 0, "opponents": ["random"]},
    "model": {"n_steps": 8, "batch_size": 64, "n_epochs": 1, "channels": 4, "blocks": 1},
    "trainer": {"total_timesteps": 1024, "eval_freq": 512, "checkpoint_freq": 128}
    | {"n_eval_episodes": 4, "device": "cpu", "logger": False, "progress_bar": False},
}
# The whole ladder would play for a minute.
SHORT_LADDER = """
from compete.tasks.simulation.players import LADDER, LADDERS

LADDERS["connectx"] = {name: LADDER[name] for name in ("random", "tactical")}
"""
LEFT = "def agent(observation):\n    return observation.board.index(0)\n"
TRAINED = ("model.safetensors", "progress.csv")


class Shaken:
    """Runs commands in a project, and kills them.

    Args:
        folder: of the project.
        env: the variables of its commands.
        launcher: what runs them.
    """

    def __init__(self, folder: Path, env: dict[str, str], launcher: Launcher) -> None:
        self.folder, self._env, self._launcher = folder, env, launcher
        self._chance = random.Random(20)

    def run(self, *words: str, seconds: float | None = None) -> int:
        """Run a command, killed after so many seconds; return its exit code."""
        out, err = (str(self.folder.with_name(name)) for name in ("out.txt", "err.txt"))
        pid = self._launcher.start(Job([list(words)], str(self.folder), out, err, self._env))
        end = time.monotonic() + (seconds or 1e9)
        while seconds is not None and not is_over(pid):
            if time.monotonic() > end:
                os.kill(pid, KILL)
                break
            time.sleep(0.001)
        code = self._launcher.wait()
        assert code in (0, KILLED), Path(err).read_text(encoding="utf-8")
        return code

    def kill(self, kills: int, seconds: float, *words: str) -> None:
        """Kill a command so many times while it runs, within `seconds`; then let it finish."""
        killed = 0
        for _ in range(5 * kills):  # now and then it is faster
            if killed < kills:
                code = self.run(*words, seconds=self._chance.uniform(0, seconds))
                killed += code == KILLED
                seconds *= 1.0 if code == KILLED else 0.7  # what is done already takes less time
        assert killed == kills
        assert self.run(*words) == 0


@pytest.fixture
def launcher() -> Iterator[Launcher]:
    """What runs the commands."""
    made = make_launcher(SLOW_IMPORTS, dict(os.environ))
    yield made
    made.close()


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("kills", [1, 10])
def test_killed_at_random_moments_an_agent_is_trained_judged_and_submitted_once(
    kills: int, tmp_path: Path, launcher: Launcher, edit_author: Callable[..., Path]
) -> None:
    author = edit_author("simulation", "settings.py", SHORT_LADDER)
    # numba compiles the search for seconds in each run
    imitating = {"imitate": 256, "imitate_nodes": 200, "imitate_epochs": 2} if kills > 1 else {}
    folder = tmp_path / "project"
    write_params(folder, params_of("simulation"), SMALL, {"trainer": imitating})
    site = tmp_path / "site"
    settings: dict[str, Any] = {"slug": "connectx", "environment": "connectx"}
    settings |= {"configuration": BOARD}
    settings |= {"ladder": ["random"], "episodes": 1, "scoring_seconds": 0.1}
    write(site / "competition.yaml", yaml.safe_dump(settings))
    (site / "data").mkdir()

    with practice_kaggle.serve(site) as server:
        env = overlaid(os.environ, server.env) | {"COMPETE_TIMEOUT": "10"}
        env["PYTHONPATH"] = os.pathsep.join([str(author.parent), env.get("PYTHONPATH", "")])
        shaken = Shaken(folder, env, launcher)
        shaken.run("prepare")
        run = folder / "runs/base"
        start = time.monotonic()
        shaken.run("train")
        seconds = time.monotonic() - start
        expected = [(run / name).read_bytes() for name in TRAINED]
        shutil.rmtree(run)
        shaken.kill(kills, seconds, "train")
        assert [(run / name).read_bytes() for name in TRAINED] == expected
        assert not [path.name for path in run.iterdir() if "part" in path.name]

        shaken.kill(kills, 10, "predict")
        text = (folder / "tournament/results.jsonl").read_text(encoding="utf-8")
        played = [tuple(json.loads(line)["players"]) for line in text.splitlines()]
        assert len(played) == len(set(played)) == 6  # pairs of three players, from both seats

        write(folder / "submissions/main.py", LEFT)  # plays at once: no torch
        shaken.kill(kills, 5, "submit", "submissions/main.py")
        assert server.count("CreateSubmission") == 1
    (entry,) = (folder / "submissions/ledger.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(entry)["state"] == "complete"
