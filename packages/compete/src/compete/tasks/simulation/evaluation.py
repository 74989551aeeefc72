"""What an agent is trained in, and how it is evaluated: episodes alone, or games against others."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.evaluation import evaluate_policy as evaluate_masked
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm

from compete.errors import Fault
from compete.project import package
from compete.simulation_contract import SimulationContract
from compete.simulation_records import AgentRun
from compete.tasks.simulation.callbacks import RETURN
from compete.tasks.simulation.catalogue import Environment
from compete.tasks.simulation.environments import author_makes_it, make_environments
from compete.tasks.simulation.episodes import ResumableVecEnv
from compete.tasks.simulation.games.base import TwoPlayerGame
from compete.tasks.simulation.opponents import Opponent, PastSelf, make_opponent
from compete.tasks.simulation.pool import Pool
from compete.tasks.simulation.selfplay import SelfPlay, game_module, make_game
from compete.tasks.simulation.trainer import is_masked
from compete.training.config import Config


def make_training(config: Config[Any], contract: SimulationContract) -> ResumableVecEnv | SelfPlay:
    """Return the environments of a training.

    Raises:
        Fault: nothing here can train for this environment of Kaggle's.
    """
    settings, seed = config.data, config.seed_everything
    if is_game(contract):
        game = make_game(contract.environment, settings.n_envs, settings.environment_kwargs)
        folder = AgentRun.folder(config.member) / "pool"
        pool = Pool(settings.opponents, folder, settings.pool_size)
        return SelfPlay(game, pool, seed, settings.snapshot_freq, settings.opponents_per_rollout)
    if contract.kind == "kaggle" and not author_makes_it():
        raise Fault(
            f"Training has no boards of {contract.environment}.",
            f"Write a function `make` in src/{package()}/environment.py that returns a Gymnasium "
            f"environment of it, such as one around `kaggle_environments.make"
            f'("{contract.environment}").train([None, "random"])`.',
        )
    return make_environments(environment_of(contract), settings, seed)


class Evaluation(Protocol):
    """Gives the scores of a model at a step."""

    def __call__(self, step: int) -> dict[str, float]:
        """Play with the likeliest actions: other episodes at each step, the same in each run."""
        ...

    def close(self) -> None:
        """End the processes that it has begun."""


def make_evaluation(
    model: OnPolicyAlgorithm, config: Config[Any], contract: SimulationContract, episodes: int
) -> Evaluation:
    """Return what evaluates a model, by so many episodes or games."""
    settings, seed = config.data, config.seed_everything
    if not is_game(contract):
        found = environment_of(contract)
        return Episodes(model, make_environments(found, settings, seed, evaluation=True), episodes)
    # Without any reference agent the untrained self is the opponent.
    untrained = (AgentRun.folder(config.member) / "pool" / f"{0:09}.safetensors").as_posix()
    names = settings.opponents or [untrained]
    opponents = {name: make_opponent(name, model.policy) for name in names}
    game = make_game(contract.environment, episodes, settings.environment_kwargs)
    return Games(model, game, opponents, seed)


class Episodes:
    """Plays episodes: their mean return, its spread, and the mean length.

    Args:
        model: to evaluate.
        environments: to play in.
        episodes: how many.
    """

    def __init__(
        self, model: OnPolicyAlgorithm, environments: ResumableVecEnv, episodes: int
    ) -> None:
        self._model, self._environments, self._episodes = model, environments, episodes

    def __call__(self, step: int) -> dict[str, float]:
        """Play with the likeliest actions: other episodes at each step, the same in each run."""
        self._environments.begin_at(step)
        options: dict[str, Any] = {"return_episode_rewards": True}
        model, environments = self._model, self._environments
        if isinstance(model, MaskablePPO):
            options["use_masking"] = is_masked(model)
            returns, lengths = evaluate_masked(model, environments, self._episodes, **options)
        else:
            returns, lengths = evaluate_policy(model, environments, self._episodes, **options)
        return {
            RETURN: float(np.mean(returns)),
            "spread": float(np.std(returns)),
            "length": float(np.mean(lengths)),
        }

    def close(self) -> None:
        """End the processes that it has begun."""
        self._environments.close()


class Games:
    """Plays games: the mean reward, and the score (0 to 1) against each opponent.

    Args:
        model: to evaluate.
        game: as many boards as there are games against each opponent.
        opponents: by name.
        seed: of the run.
    """

    def __init__(
        self,
        model: OnPolicyAlgorithm,
        game: TwoPlayerGame,
        opponents: Mapping[str, Opponent],
        seed: int,
    ) -> None:
        self._model, self._game, self._opponents, self._seed = model, game, opponents, seed

    def __call__(self, step: int) -> dict[str, float]:
        """Play with the likeliest actions: other games at each step, the same in each run."""
        rewards = {
            name: float(play_games(self._model, self._game, opponent, (self._seed, step)).mean())
            for name, opponent in self._opponents.items()
        }
        against = {f"against_{Path(name).stem}": (each + 1) / 2 for name, each in rewards.items()}
        return {RETURN: float(np.mean([*rewards.values()]))} | against

    def close(self) -> None:
        """Nothing was begun."""


def play_games(
    model: OnPolicyAlgorithm, game: TwoPlayerGame, opponent: Opponent, seed: Sequence[int]
) -> NDArray[np.int8]:
    """Play a game on each board against an opponent; the model takes its likeliest moves.

    Args:
        model: begins on every second board.
        game: its boards are begun anew.
        opponent: whose choice is random.
        seed: of the opponent.

    Returns:
        The model's rewards, `(n,)`.
    """
    random, rewards = np.random.default_rng(seed), np.zeros(game.n, np.int8)
    policy = PastSelf(model.policy)
    model.policy.set_training_mode(False)
    second = np.arange(game.n) % 2
    game.reset()
    while not game.done.all():
        own = (game.to_move() == second) & ~game.done
        theirs = ~own & ~game.done
        actions = np.full(game.n, -1)
        if own.any():
            planes, legal = game.observe()[own], game.legal()[own]
            actions[own] = policy.probabilities(planes, legal).argmax(axis=1)
        if theirs.any():
            actions[theirs] = opponent.act(game, theirs, random)
        found = game.step(actions, own | theirs).reward
        rewards += np.where(own, found, -found)
    return rewards


def is_game(contract: SimulationContract) -> bool:
    """Return whether training has boards of the environment, and plays it against others."""
    return contract.kind == "kaggle" and game_module(contract.environment) is not None


def environment_of(contract: SimulationContract) -> Environment:
    """Return the environment that the contract names."""
    return Environment(contract.environment, contract.kind, "contract.yaml")
