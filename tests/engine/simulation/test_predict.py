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
GEESE = '''"""Hungry Geese against one random goose, as training and the submitted agent see it."""

import gymnasium
import kaggle_environments
import numpy as np
from gymnasium import spaces

ACTIONS = ["NORTH", "EAST", "SOUTH", "WEST"]


class Geese(gymnasium.Env):
    observation_space = spaces.Box(0, 1, (3, 7, 11), np.float32)
    action_space = spaces.Discrete(4)

    def __init__(self, **configuration):
        self.game = kaggle_environments.make("hungry_geese", configuration=configuration)
        self.trainer = self.game.train([None, "random"])

    def reset(self, *, seed=None, options=None):
        return view(self.trainer.reset(), self.game.configuration)[0], {}

    def step(self, action):
        seen, reward, done, _ = self.trainer.step(ACTIONS[action])
        return view(seen, self.game.configuration)[0], float(reward or 0), done, False, {}


def make(**kwargs):
    return Geese(**kwargs)


def view(observation, configuration):
    planes = np.zeros((3, 77), np.float32)
    for player, goose in enumerate(observation["geese"]):
        planes[int(player != observation["index"]), list(goose)] = 1
    planes[2, list(observation["food"])] = 1
    return planes.reshape(3, 7, 11), np.ones(4, bool)
'''
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


def test_a_game_that_nothing_shows_the_agent_is_refused(settle: Settle) -> None:
    settle(
        environment=GEESE.replace("view(", "look_at("),
        data={"environment": "hungry_geese", "environment_kwargs": {"episodeSteps": 20}},
        model={"n_steps": 8, "batch_size": 32, "channels": 4, "blocks": 1},
        trainer=SHORT | {"total_timesteps": 32, "eval_freq": 32},
    )
    prepare()
    train(None, None, [])
    with pytest.raises(Fault, match=r"Nothing says how an agent sees hungry_geese.*view"):
        predict()


def test_players_that_an_environment_is_not_for_are_refused(settle: Settle) -> None:
    settle(environment="PLAYERS = 9\n", data={"environment": "hungry_geese"})
    with pytest.raises(Fault, match=r"hungry_geese is not for 9 players.*PLAYERS in src/.*\[1, 2"):
        prepare()
