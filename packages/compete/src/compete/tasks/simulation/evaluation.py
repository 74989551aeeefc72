"""What an agent is trained in, and how it is evaluated: episodes alone, or games against others."""

from pathlib import Path
from typing import Any

import numpy as np
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.evaluation import evaluate_policy as evaluate_masked
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm

from compete.errors import Fault
from compete.project import package
from compete.simulation_contract import SimulationContract
from compete.simulation_records import AgentRun
from compete.tasks.simulation.callbacks import RETURN, Evaluate
from compete.tasks.simulation.catalogue import Environment
from compete.tasks.simulation.environments import author_makes_it, make_environments
from compete.tasks.simulation.episodes import ResumableVecEnv
from compete.tasks.simulation.opponents import make_opponent
from compete.tasks.simulation.pool import Pool
from compete.tasks.simulation.selfplay import SelfPlay, game_module, make_game, play_games
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


def make_evaluation(
    model: OnPolicyAlgorithm, config: Config[Any], contract: SimulationContract, episodes: int
) -> Evaluate:
    """Return a function that plays with the best actions, and gives the scores."""
    if is_game(contract):
        return _against_opponents(model, config, contract, episodes)
    seed = config.seed_everything
    environments = make_environments(environment_of(contract), config.data, seed, evaluation=True)

    def evaluate(step: int) -> dict[str, float]:
        environments.begin_at(step)  # other episodes each time, the same in each run
        options: dict[str, Any] = {"return_episode_rewards": True}
        if isinstance(model, MaskablePPO) and is_masked(model):
            returns, lengths = evaluate_masked(model, environments, episodes, **options)
        else:
            returns, lengths = evaluate_policy(model, environments, episodes, **options)
        return {
            RETURN: float(np.mean(returns)),
            "spread": float(np.std(returns)),
            "length": float(np.mean(lengths)),
        }

    return evaluate


def _against_opponents(
    model: OnPolicyAlgorithm, config: Config[Any], contract: SimulationContract, games: int
) -> Evaluate:
    """Return a function that gives the mean reward, and the score (0 to 1) against each opponent.

    Without any reference agent the untrained self is the opponent.
    """
    settings = config.data
    untrained = (AgentRun.folder(config.member) / "pool" / f"{0:09}.safetensors").as_posix()
    names = settings.opponents or [untrained]
    opponents = {name: make_opponent(name, model.policy) for name in names}
    game = make_game(contract.environment, games, settings.environment_kwargs)

    def evaluate(step: int) -> dict[str, float]:
        rewards = {
            name: float(play_games(model, game, opponent, (config.seed_everything, step, 1)).mean())
            for name, opponent in opponents.items()
        }
        against = {f"against_{Path(name).stem}": (each + 1) / 2 for name, each in rewards.items()}
        return {RETURN: float(np.mean([*rewards.values()]))} | against

    return evaluate


def is_game(contract: SimulationContract) -> bool:
    """Return whether training has boards of the environment, and plays it against others."""
    return contract.kind == "kaggle" and game_module(contract.environment) is not None


def environment_of(contract: SimulationContract) -> Environment:
    """Return the environment that the contract names."""
    return Environment(contract.environment, contract.kind, "contract.yaml")
