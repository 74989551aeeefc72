"""Episodes that repeat: where a killed training stood in them can be found again.

Most environments can't save their state, and what can be pickled is not loaded from a file that
somebody may have changed. But an episode is a function of its seed and of the actions since. So
each episode gets a seed that is known, its actions are noted, and a resumed training plays the
episodes that were running once more.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.vec_env import DummyVecEnv, SubprocVecEnv, VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvObs, VecEnvStepReturn, VecEnvWrapper
from typing_extensions import override

Env = gymnasium.Env[Any, Any]
_RESET = None  # stands for a reset that only ended a life, among the actions of a game


class CountResets(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Counts the resets that reach the environment itself, below wrappers that swallow some."""

    def __init__(self, env: Env) -> None:
        super().__init__(env)
        self.count = 0

    @override
    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        self.count += 1
        return self.env.reset(**kwargs)


class SeededEpisodes(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Seeds each episode by its number, and notes its actions.

    Args:
        env: with all wrappers that have a state of their own.
        resets: the innermost wrapper. Some wrappers answer a reset after a lost life by a step
            (`EpisodicLifeEnv`): the game then goes on, and so do the notes.
        seed: what is special to this environment, such as the run's seed and its own number.
    """

    def __init__(self, env: Env, resets: CountResets, seed: Sequence[int]) -> None:
        super().__init__(env)
        self._resets, self._seed = resets, tuple(seed)
        self._episode, self._first_seed = 0, 0
        self._actions: list[Any] = []

    def begin_at(self, episode: int) -> None:
        """Let the next episode have this number."""
        self._episode = episode

    @override
    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        """Begin the next episode; a seed that is given counts for nothing."""
        entropy = np.random.SeedSequence((*self._seed, self._episode))
        seed = int(entropy.generate_state(1)[0] >> 1)
        before = self._resets.count
        found = self.env.reset(seed=seed, options=kwargs.get("options"))
        self._episode += 1
        if self._resets.count == before:
            self._actions.append(_RESET)
        else:
            self._first_seed, self._actions = seed, []
        return found

    @override
    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        self._actions.append(np.asarray(action).tolist())
        return self.env.step(action)

    def notes(self) -> dict[str, Any]:
        """Return where the running game stands."""
        return {"episode": self._episode, "seed": self._first_seed, "actions": [*self._actions]}

    def play_again(self, notes: Mapping[str, Any]) -> Any:
        """Play a game again up to where it stood, and return the observation there.

        Only an environment that is new begins anew whatever its wrappers do with a reset.
        """
        observation, _ = self.env.reset(seed=notes["seed"])
        dtype = getattr(self.action_space, "dtype", None)
        for action in notes["actions"]:
            if action is _RESET:
                observation, _ = self.env.reset()
            else:
                played = action if dtype is None else np.asarray(action, dtype)[()]
                observation = self.env.step(played)[0]
        self._episode, self._first_seed = notes["episode"], notes["seed"]
        self._actions = [*notes["actions"]]
        return observation


class ResumableVecEnv(VecEnvWrapper):
    """Environments of `SeededEpisodes` whose state goes into a checkpoint.

    Args:
        make: makes the environment of a number.
        n_envs: how many.
        kind: `dummy` or `subproc`.
    """

    def __init__(self, make: Callable[[int], Env], n_envs: int, kind: str = "dummy") -> None:
        functions: list[Callable[[], Env]] = [_Make(make, index) for index in range(n_envs)]
        made = SubprocVecEnv(functions) if kind == "subproc" else DummyVecEnv(functions)
        super().__init__(made)
        self._observation: VecEnvObs | None = None

    @override
    def reset(self) -> VecEnvObs:
        self._observation = self.venv.reset()
        return self._observation

    @override
    def step_wait(self) -> VecEnvStepReturn:
        self._observation, rewards, dones, infos = self.venv.step_wait()
        return self._observation, rewards, dones, infos

    def begin_at(self, episode: int) -> None:
        """Let the next episode of each environment have this number."""
        self.venv.env_method("begin_at", episode)

    def begin_rollout(self, model: Any, step: int) -> None:
        """Nothing changes between rollouts."""

    def state_dict(self) -> dict[str, Any]:
        """Return where all episodes stand, of types that `weights_only` loads."""
        return {
            "notes": self.venv.env_method("notes"),
            "observation": to_tensors(self._observation),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> bool:
        """Go on with the episodes of a state.

        Returns:
            Whether they are where they were: not so if the environment does not go by its seed
            alone, or has changed since.
        """
        played = [
            self.venv.env_method("play_again", notes, indices=[index])[0]
            for index, notes in enumerate(state["notes"])
        ]
        self._observation = _stack(played, self.observation_space)
        return _equal(self._observation, to_arrays(state["observation"]))


class _Make:
    """Makes the environment of one number; a lambda in a loop would make the last one of all."""

    def __init__(self, make: Callable[[int], Env], index: int) -> None:
        self._make, self._index = make, index

    def __call__(self) -> Env:
        return self._make(self._index)


def to_tensors(value: Any) -> Any:
    """Return NumPy arrays, also in a dictionary, as tensors."""
    if isinstance(value, dict):
        return {key: torch.from_numpy(np.array(each)) for key, each in value.items()}
    return torch.from_numpy(np.array(value))


def to_arrays(value: Any) -> Any:
    """Return tensors, also in a dictionary, as NumPy arrays."""
    if isinstance(value, dict):
        return {key: each.numpy() for key, each in value.items()}
    return value.numpy()


def _stack(each: list[Any], space: spaces.Space[Any]) -> VecEnvObs:
    if isinstance(space, spaces.Dict):
        return {key: np.stack([one[key] for one in each]) for key in space.spaces}
    return np.stack(each)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return all(np.array_equal(one[key], other[key]) for key in one)
    return np.array_equal(one, other)


def base_of(env: VecEnv | None) -> Any:
    """Return the environments that keep a state, below what SB3 wraps around them."""
    while not hasattr(env, "state_dict"):
        assert isinstance(env, VecEnvWrapper)
        env = env.venv
    return env
