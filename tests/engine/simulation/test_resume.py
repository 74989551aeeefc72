"""A training that was killed goes on to the same curve and the same weights, to the last digit."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from compete.simulation_records import AgentRun
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


def test_an_interrupted_training_goes_on_to_the_same_result(settle: Settle) -> None:
    settle(environment=STOPS)
    prepare()
    train(None, None, [])
    expected, curve = results(), AgentRun.load("base")
    assert curve is not None
    random = np.random.default_rng(0)
    for _ in range(3):
        shutil.rmtree(RUN)
        for step in sorted(random.integers(1, 900, 2)):
            Path("stop_at").write_text(f"{step} raise")
            with pytest.raises(KeyboardInterrupt):
                train(None, None, [])
            Path("stop_at").unlink(missing_ok=True)
        train(None, None, [])
        assert results() == expected
        again = AgentRun.load("base")
        assert again is not None
        assert again.curve == curve.curve
        assert not (RUN / "checkpoint.pt").exists()
