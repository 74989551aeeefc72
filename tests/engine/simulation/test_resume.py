"""A training that was killed goes on to the same curve and the same weights, to the last digit."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compete import project
from compete.errors import Fault
from compete.simulation_records import AgentRun
from compete.tasks.simulation import selfplay
from compete.tasks.simulation.prepare import prepare
from compete.tasks.simulation.train import train

Settle = Callable[..., Path]
RUN = Path("runs/base")
# Raises, or kills the process, at the step that the file `stop_at` holds.
STOPS = '''"""What an environment is wrapped in."""

import os
import signal
from pathlib import Path

import gymnasium

STEPS = [0]


class Stops(gymnasium.Wrapper):
    def step(self, action):
        STEPS[0] += 1
        place = Path("stop_at")
        if place.exists():
            step, how = place.read_text().split()
            if STEPS[0] == int(step):
                place.unlink()
                if how == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                raise KeyboardInterrupt
        return super().step(action)


def wrap(env):
    STEPS[0] = 0
    return Stops(env)
'''


def results() -> dict[str, bytes]:
    """What a finished training has left that must not depend on kills."""
    return {name: (RUN / name).read_bytes() for name in ("model.safetensors", "progress.csv")}


CONNECTX: dict[str, dict[str, Any]] = {
    "data": {"environment": "connectx", "n_envs": 16, "snapshot_freq": 256, "pool_size": 2},
    "model": {"n_steps": 8, "batch_size": 64, "channels": 8, "blocks": 1},
    "trainer": {"eval_freq": 512, "checkpoint_freq": 256},
}
PONG: dict[str, dict[str, Any]] = {
    "data": {"environment": "ALE/Pong-v5", "n_envs": 2}
    | {"environment_kwargs": {"max_episode_steps": 400}},
    "model": {"n_steps": 32, "batch_size": 64, "n_epochs": 1},
    "trainer": {"total_timesteps": 256, "eval_freq": 1000, "checkpoint_freq": 64}
    | {"n_eval_episodes": 1},
}
# Steps at which a training stops are counted in single environments, those of evaluations too.
STOPPING = [
    pytest.param({}, [(130, 700), (450,), (899,)], id="CartPole"),
    pytest.param(CONNECTX, [(300, 400), (500,), (850, 100)], id="self-play"),
    pytest.param(PONG, [(700,)], id="Pong"),  # counted in frames
]


@pytest.mark.parametrize(("sections", "moments"), STOPPING)
def test_an_interrupted_training_goes_on_to_the_same_result(
    settle: Settle,
    monkeypatch: pytest.MonkeyPatch,
    sections: dict[str, Any],
    moments: list[tuple[int, ...]],
) -> None:
    settle(environment=STOPS, **sections)
    if sections is CONNECTX:
        stop_games(monkeypatch)
    prepare()
    train(None, None, [])
    expected, record = results(), AgentRun.load("base")
    assert record is not None
    for steps in moments:
        shutil.rmtree(RUN)
        for step in steps:
            Path("stop_at").write_text(f"{step} raise")
            with pytest.raises(KeyboardInterrupt):
                train(None, None, [])
        assert (RUN / "checkpoint.pt").exists()
        train(None, None, [])
        assert results() == expected
        again = AgentRun.load("base")
        assert again is not None
        assert again.curve == record.curve
        assert again.scores == record.scores
        assert not (RUN / "checkpoint.pt").exists()


def stop_games(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let boards stop at a step of a run, as the author's wrapper does other environments."""
    step_wait, start = selfplay.SelfPlay.step_wait, selfplay.SelfPlay.__init__
    taken = [0]

    def begin(self: selfplay.SelfPlay, *args: Any) -> None:
        taken[0] = 0
        start(self, *args)

    def stop(self: selfplay.SelfPlay) -> Any:
        place = Path("stop_at")
        taken[0] += self.num_envs
        if place.exists() and taken[0] >= int(place.read_text().split()[0]):
            place.unlink()
            raise KeyboardInterrupt
        return step_wait(self)

    monkeypatch.setattr(selfplay.SelfPlay, "__init__", begin)
    monkeypatch.setattr(selfplay.SelfPlay, "step_wait", stop)


def test_a_killed_training_goes_on_and_a_finished_one_is_kept(
    settle: Settle, capfd: pytest.CaptureFixture[str]
) -> None:
    root = settle(environment=STOPS)
    prepare()
    train(None, None, [])
    expected = results()
    train(None, None, [])
    assert "base: already finished, kept" in capfd.readouterr().err
    shutil.rmtree(RUN)
    (root / "stop_at").write_text("450 kill")
    paths = os.pathsep.join([str(Path(project.__file__).parents[1]), *sys.path])
    command = [sys.executable, "-m", "compete", "train"]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": paths}, check=False)
    assert done.returncode == -signal.SIGKILL
    (RUN / ".checkpoint.pt.1.part").write_text("the half of a file")
    assert (RUN / "checkpoint.pt").exists()
    train(None, None, [])
    assert results() == expected
    assert {path.name for path in RUN.iterdir()} == {
        *("agent.json", "config.yaml", "model.safetensors", "progress.csv")
    }


def test_another_setting_trains_anew_and_another_place_does_not(
    settle: Settle, capfd: pytest.CaptureFixture[str]
) -> None:
    settle(trainer={"total_timesteps": 128})
    prepare()
    train(None, None, [])
    first = results()
    train(None, None, ["--trainer.checkpoint_freq", "64", "--data.vec_env", "subproc"])
    assert "already finished, kept" in capfd.readouterr().err
    train(None, None, ["--model.gamma", "0.9"])
    assert results() != first


def test_environments_in_processes_of_their_own_give_the_same_result(settle: Settle) -> None:
    settle(trainer={"total_timesteps": 256, "eval_freq": 128}, data={"n_envs": 2})
    prepare()
    train(None, None, [])
    expected = results()
    shutil.rmtree(RUN)
    train(None, None, ["--data.vec_env", "subproc"])
    assert results() == expected


def test_a_broken_checkpoint_is_refused_with_what_to_do(settle: Settle) -> None:
    settle(environment=STOPS)
    prepare()
    Path("stop_at").write_text("450 raise")
    with pytest.raises(KeyboardInterrupt):
        train(None, None, [])
    whole = (RUN / "checkpoint.pt").read_bytes()
    (RUN / "checkpoint.pt").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Fault, match=r"checkpoint\.pt can't be loaded.*rm runs/base/checkpoint\.pt"):
        train(None, None, [])


def test_an_environment_that_does_not_repeat_itself_is_told_of(
    settle: Settle, capfd: pytest.CaptureFixture[str]
) -> None:
    chance = "STEPS[0] += 1\n        self.unwrapped.length *= 1 + 1e-6 * os.urandom(1)[0]"
    settle(environment=STOPS.replace("STEPS[0] += 1", chance))
    prepare()
    Path("stop_at").write_text("450 raise")
    with pytest.raises(KeyboardInterrupt):
        train(None, None, [])
    train(None, None, [])
    assert "does not repeat its episodes" in capfd.readouterr().err
    run = AgentRun.load("base")
    assert run is not None
    assert run.finished
