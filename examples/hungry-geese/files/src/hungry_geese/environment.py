"""Hungry Geese as a Gymnasium environment, and the view of the game for training and on Kaggle.

This file is part of the submission, so it imports only packages of Kaggle's image.
"""

from collections.abc import Mapping
from typing import Any

import gymnasium
import kaggle_environments
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

ACTIONS = ["NORTH", "EAST", "SOUTH", "WEST"]
PLAYERS = 4  # in an episode on Kaggle
_STEPS = np.array([(-1, 0), (0, 1), (1, 0), (0, -1)])  # moves of the head, by action
_PLANES = 7
_MEMORY: dict[str, int] = {}


class Geese(gymnasium.Env[NDArray[np.float32], np.int64]):
    """One goose against Kaggle's greedy agents. An episode ends when our goose dies.

    The reward of a step is 1 for surviving, plus the growth of the goose. An episode has at most
    200 steps. The seat makes no difference, because all geese move at once.

    Args:
        configuration: the configuration of Kaggle's environment.
    """

    def __init__(self, **configuration: Any) -> None:
        self._game = kaggle_environments.make("hungry_geese", configuration=configuration)
        self._trainer = self._game.train([None, *["greedy"] * (PLAYERS - 1)])
        size = (self._game.configuration.rows, self._game.configuration.columns)
        self.observation_space = spaces.Box(0, 1, (_PLANES, *size), np.float32)
        self.action_space = spaces.Discrete(len(ACTIONS))
        self._length = 1
        self._memory: dict[str, int] = {}
        self._mask = np.ones(len(ACTIONS), np.bool_)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Start an episode. Kaggle's environment uses `random`, which can't be seeded here."""
        super().reset(seed=seed)
        self._length = 1
        return self._see(self._trainer.reset()), {}

    def step(
        self, action: np.int64
    ) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Move all geese."""
        observation, _, done, _ = self._trainer.step(ACTIONS[action])
        length = len(observation["geese"][observation["index"]])
        reward = 1.0 + length - self._length if length else 0.0
        self._length = length
        return self._see(observation), reward, done, False, {}

    def action_masks(self) -> NDArray[np.bool_]:
        """Return the mask of actions that do not kill at once."""
        return self._mask

    def _see(self, observation: Mapping[str, Any]) -> NDArray[np.float32]:
        planes, self._mask = view(observation, self._game.configuration, self._memory)
        return planes


def make(**environment_kwargs: Any) -> Geese:
    """Return the environment to train in."""
    return Geese(**environment_kwargs)


def view(
    observation: Mapping[str, Any],
    configuration: Mapping[str, Any],
    memory: dict[str, int] | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the network's input, with our head in the center, and the mask of safe actions.

    The planes are our body, our tail, the heads of the others, their bodies, their tails, food, and
    a constant plane with the time until the next hunger.

    Args:
        observation: Kaggle's `geese`, `food`, `index` and `step`.
        configuration: Kaggle's `rows`, `columns` and `hunger_rate`.
        memory: the last position of our head, which the goose must not move back to and which can't
            be seen if its length is 1; by default a global one, for an agent that plays one game.
    """
    rows, columns = configuration["rows"], configuration["columns"]
    memory = _MEMORY if memory is None else memory
    planes = np.zeros((_PLANES, rows * columns), np.float32)
    for number, goose in enumerate(observation["geese"]):
        if goose:
            mine = number == observation["index"]
            planes[0 if mine else 3, goose] = 1
            planes[1 if mine else 4, goose[-1]] = 1
            planes[2, goose[0]] = not mine
    planes[5, observation["food"]] = 1
    planes[6] = observation["step"] % configuration["hunger_rate"] / configuration["hunger_rate"]
    board = planes.reshape(_PLANES, rows, columns)
    own = observation["geese"][observation["index"]]
    everything = np.ones(len(ACTIONS), np.bool_)
    if not own:  # dead
        return board, everything
    # The board wraps around, so the head can always be in the center.
    row, column = divmod(own[0], columns)
    board = np.roll(board, (rows // 2 - row, columns // 2 - column), axis=(1, 2))
    ahead = (np.array([row, column]) + _STEPS) % (rows, columns)
    squares = ahead @ (columns, 1)
    before = memory.get("head") if observation["step"] else None
    memory["head"] = own[0]
    bodies = planes[0] + planes[3] - planes[1] - planes[4]  # a tail moves on, unless it eats
    free: NDArray[np.bool_] = (bodies[squares] <= 0) & (squares != before)
    return board, free if free.any() else everything
