"""Gymnasium's environments as training plays them: several at once, repeatable, with wrappers."""

from collections.abc import Sequence
from typing import Any

import gymnasium
from gymnasium.wrappers import FrameStackObservation, ReshapeObservation
from stable_baselines3.common.atari_wrappers import AtariWrapper
from stable_baselines3.common.monitor import Monitor

from compete.project import author, module
from compete.tasks.simulation.catalogue import Environment, make_gymnasium
from compete.tasks.simulation.episodes import CountResets, ResumableVecEnv, SeededEpisodes
from compete.tasks.simulation.settings import SimulationSettings

_FRAMES = 4  # of an Atari game that the network sees at once, and that one action lasts


class MakeEnvironment:
    """Makes one environment, in whichever process it is called.

    Args:
        found: which environment.
        kwargs: what it is made with.
        seed: of the run, and what the environments are for.
    """

    def __init__(self, found: Environment, kwargs: dict[str, Any], seed: Sequence[int]) -> None:
        self._found, self._kwargs, self._seed = found, kwargs, tuple(seed)

    def __call__(self, index: int) -> gymnasium.Env[Any, Any]:
        """Return the environment of this number, with all its wrappers."""
        atari = {"frameskip": 1} if self._found.is_atari else {}
        kwargs = atari | self._kwargs
        if author_makes_it():
            made = author("environment", "make")(**kwargs)
        else:
            made = make_gymnasium(self._found.name, **kwargs)
        resets = CountResets(made)
        env: gymnasium.Env[Any, Any] = Monitor(resets)  # below what cuts rewards and lives
        env = author("environment", "wrap", _as_it_is)(env)
        if self._found.is_atari:
            env = FrameStackObservation(AtariWrapper(env), _FRAMES, padding_type="zero")
            shape = env.observation_space.shape
            assert shape is not None
            env = ReshapeObservation(env, shape[:-1])  # channels first
        return SeededEpisodes(env, resets, (*self._seed, index))


def make_environments(
    found: Environment, settings: SimulationSettings, seed: int, *, evaluation: bool = False
) -> ResumableVecEnv:
    """Return the environments of a training, or those that it is evaluated in."""
    make = MakeEnvironment(found, settings.environment_kwargs, (seed, int(evaluation)))
    return ResumableVecEnv(make, settings.n_envs, settings.vec_env)


def author_makes_it() -> bool:
    """Return whether the author's package has an environment of its own."""
    return hasattr(module("environment"), "make")


def _as_it_is(env: gymnasium.Env[Any, Any]) -> gymnasium.Env[Any, Any]:
    return env
