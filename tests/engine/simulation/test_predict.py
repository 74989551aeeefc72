"""What `compete predict` makes of other environments, and of an author's own changes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from compete.errors import Fault
from compete.files import SCORES
from compete.tasks.simulation.agent_files import ARCHIVE
from compete.tasks.simulation.predict import predict
from compete.tasks.simulation.prepare import prepare
from compete.tasks.simulation.train import train

Settle = Callable[..., Path]
SHORT = {"total_timesteps": 256, "eval_freq": 256, "n_eval_episodes": 3}


def test_an_agent_of_gymnasium_is_evaluated(settle: Settle) -> None:
    settle(trainer=SHORT)
    prepare()
    train(None, None, [])
    predict()
    scores = json.loads(SCORES.read_text())
    assert scores["episodes"] == 3
    assert scores["return"] == scores["length"] > 5
    assert not ARCHIVE.exists()


def test_an_import_that_kaggle_lacks_is_refused_before_it_ships(settle: Settle) -> None:
    settle(
        author=("network.py", "from compete.errors import Fault  # noqa: F401"),
        data={"environment": "connectx", "n_envs": 8},
        model={"n_steps": 8, "batch_size": 64, "channels": 4, "blocks": 1},
        trainer=SHORT | {"total_timesteps": 64},
    )
    prepare()
    train(None, None, [])
    with pytest.raises(Fault, match=r"network\.py imports compete\.errors, which an agent"):
        predict()
