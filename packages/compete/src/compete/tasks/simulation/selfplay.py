"""A two-player game as environments for Stable-Baselines3: the other player is an opponent."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvStepReturn
from typing_extensions import override

from compete.errors import Fault, first_line
from compete.tasks.simulation.games.base import Bools, Ints, TwoPlayerGame
from compete.tasks.simulation.pool import Pool

_GAMES = "compete.tasks.simulation.games"


def game_module(name: str) -> str | None:
    """Return the module of a game by its name in kaggle-environments, None if there is none."""
    module = f"{_GAMES}.{name}"
    return module if name.isidentifier() and find_spec(module) else None


def make_game(name: str, n: int, configuration: Mapping[str, Any]) -> TwoPlayerGame:
    """Return so many boards of a game.

    Raises:
        Fault: the game has no such configuration.
    """
    module = import_module(f"{_GAMES}.{name}")
    game: Callable[..., TwoPlayerGame] = next(
        each
        for each in vars(module).values()
        if isinstance(each, type) and vars(each).get("environment") == name
    )
    try:
        return game(n, **configuration)
    except TypeError as error:
        raise Fault(
            f"{name} can't be trained with this configuration: {first_line(error)}.",
            "Correct `environment_kwargs` under `data` in params.yaml.",
        ) from None


class SelfPlay(VecEnv):
    """Boards on which the learner plays one side, by turns the first and the second.

    Observations are the boards from the learner's view; a game's reward is 1 for a win, -1 for a
    loss, 0 for a draw. Who the opponents are changes between rollouts; a game that has begun goes
    on with its own.

    Args:
        game: the boards.
        pool: the opponents.
        seed: of the run.
        snapshot_freq: steps after which the learner joins the pool.
        opponents_per_rollout: how many are met by the games that begin in a rollout.
    """

    def __init__(
        self,
        game: TwoPlayerGame,
        pool: Pool,
        seed: int,
        snapshot_freq: int,
        opponents_per_rollout: int,
    ) -> None:
        self.game, self.pool, self._seed = game, pool, seed
        self._snapshot_freq, self._opponents = snapshot_freq, opponents_per_rollout
        self._random = np.random.default_rng(seed)
        self._active: list[str] = []
        self._met: list[str] = [""] * game.n
        self._seat = np.zeros(game.n, np.int64)
        self._moves: list[list[int]] = [[] for _ in range(game.n)]
        self._results: list[tuple[str, float]] = []
        self._actions = np.zeros(game.n, np.int64)
        super().__init__(
            game.n,
            spaces.Box(0, 1, game.planes, np.float32),
            spaces.Discrete(game.actions),
        )

    def begin_rollout(self, model: OnPolicyAlgorithm, step: int) -> None:
        """Rate the opponents by the games that ended, and choose those of the next rollout.

        Raises:
            Fault: a past self can't be loaded any more.
        """
        self._random = np.random.default_rng((self._seed, step))
        self.pool.rate(self._results)
        self._results = []
        last = self.pool.joined
        if last < 0 or step // self._snapshot_freq > last // self._snapshot_freq:
            self.pool.join(model.policy, step)
        self._active = self.pool.sample(self._opponents, self._random)
        self.pool.load({*self._active, *filter(None, self._met)}, model.policy)
        if step:
            model.logger.record("rollout/elo", self.pool.learner)

    @override
    def reset(self) -> NDArray[np.float32]:
        self._begin(np.ones(self.game.n, np.bool_))
        return self.game.observe()

    @override
    def step_async(self, actions: NDArray[Any]) -> None:
        self._actions = np.asarray(actions)

    @override
    def step_wait(self) -> VecEnvStepReturn:
        everywhere = np.ones(self.game.n, np.bool_)
        rewards = play(self.game, self._actions, everywhere, self._moves).astype(np.float32)
        rewards -= self._answer(~self.game.done)
        done = self.game.done.copy()
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if done.any():
            last = self.game.observe()
            for index in np.flatnonzero(done):
                length = (len(self._moves[index]) + 1 - self._seat[index]) // 2
                infos[index] = {
                    "episode": {"r": float(rewards[index]), "l": int(length)},
                    "terminal_observation": last[index],
                    "TimeLimit.truncated": False,
                }
                self._results.append((self._met[index], (float(rewards[index]) + 1) / 2))
            self._begin(done)
        return self.game.observe(), rewards, done, infos

    def _begin(self, where: Bools) -> None:
        """Begin games: each with a seat and an opponent, who moves first if the seat is 1."""
        self.game.reset(where)
        count = int(where.sum())
        self._seat[where] = self._random.integers(0, 2, count)
        chosen = self._random.integers(0, len(self._active), count)
        for index, number in zip(np.flatnonzero(where), chosen, strict=True):
            self._met[index] = self._active[number]
            self._moves[index] = []
        self._answer(where & (self._seat == 1))

    def _answer(self, where: Bools) -> NDArray[np.int8]:
        """Let the opponents move on these boards; return their rewards, 0 on the others."""
        actions = np.full(self.game.n, -1)
        for name in sorted({self._met[index] for index in np.flatnonzero(where)}):
            theirs = where & (np.array(self._met) == name)
            actions[theirs] = self.pool[name].act(self.game, theirs, self._random)
        return play(self.game, actions, where, self._moves)

    def state_dict(self) -> dict[str, Any]:
        """Return where all games stand, of types that `weights_only` loads."""
        return {
            "moves": [[*moves] for moves in self._moves],
            "seat": self._seat.tolist(),
            "met": [*self._met],
            "results": [[name, score] for name, score in self._results],
            "pool": self.pool.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> bool:
        """Go on with the games of a state; always possible."""
        self._moves = [[*moves] for moves in state["moves"]]
        self._seat, self._met = np.array(state["seat"]), [*state["met"]]
        self._results = [(name, score) for name, score in state["results"]]
        self.pool.load_state_dict(state["pool"])
        set_games(self.game, self._moves)
        return True

    def action_masks(self) -> Bools:
        """Return `(n, actions)`, which moves the learner has."""
        return self.game.legal()

    @override
    def env_method(
        self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any
    ) -> list[Any]:
        found = getattr(self, method_name)(*method_args, **method_kwargs)
        return [found[index] for index in self._get_indices(indices)]

    @override
    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        if attr_name == "render_mode":
            return [None] * self.num_envs
        return [getattr(self, attr_name) for _ in self._get_indices(indices)]

    @override
    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        setattr(self, attr_name, value)

    @override
    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        return [False for _ in self._get_indices(indices)]

    @override
    def close(self) -> None:
        """Nothing is open."""


def play(
    game: TwoPlayerGame, actions: Ints, where: Bools, moves: Sequence[list[int]]
) -> NDArray[np.int8]:
    """Play on the boards that `where` names and that are not over; note the moves.

    Returns:
        The rewards of those who moved, 0 on the other boards.
    """
    for index in np.flatnonzero(where & ~game.done).tolist():
        moves[index].append(int(actions[index]))
    return game.step(actions, where).reward


def set_games(game: TwoPlayerGame, moves: Sequence[Sequence[int]]) -> None:
    """Bring each board to where its moves lead, by playing them again."""
    lengths = np.array([len(each) for each in moves])
    game.reset()
    for turn in range(lengths.max(initial=0)):
        actions = np.array([each[turn] if turn < len(each) else -1 for each in moves])
        game.step(actions, lengths > turn)
