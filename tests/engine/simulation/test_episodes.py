"""Episodes are found again by seed and actions, lives and frame stacks included."""

from typing import Any

import gymnasium
import numpy as np
import pytest

from compete.tasks.simulation.catalogue import find_environment
from compete.tasks.simulation.environments import MakeEnvironment
from compete.tasks.simulation.episodes import SeededEpisodes

Env = gymnasium.Env[Any, Any]


def make(name: str, seed: int = 0) -> SeededEpisodes:
    env = MakeEnvironment(find_environment(name, ""), {}, (seed, 0))(0)
    assert isinstance(env, SeededEpisodes)
    return env


def steps(env: Env, count: int, random: np.random.Generator) -> list[Any]:
    """Play at random, and return what was seen; after an episode the next begins."""
    seen = []
    actions = env.action_space
    for _ in range(count):
        actions.seed(int(random.integers(2**31)))
        observation, _, terminated, truncated, _ = env.step(actions.sample())
        if terminated or truncated:
            observation, _ = env.reset()
        seen.append(observation)
    return seen


@pytest.mark.parametrize(
    "name", ["CartPole-v1", "Pendulum-v1", "FrozenLake-v1", "ALE/Pong-v5", "ALE/Breakout-v5"]
)
@pytest.mark.parametrize("count", [0, 1, 57, 290])
def test_a_game_goes_on_as_if_it_had_not_been_stopped(name: str, count: int, settle: Any) -> None:
    settle()
    first, random = make(name), np.random.default_rng(1)
    seen = [first.reset()[0], *steps(first, count, random)]
    again = make(name)
    np.testing.assert_array_equal(again.play_again(first.notes()), seen[-1])
    assert again.notes() == first.notes()
    for one, other in zip(
        steps(first, 60, np.random.default_rng(2)),
        steps(again, 60, np.random.default_rng(2)),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_a_lost_life_does_not_end_the_notes_of_a_game(settle: Any) -> None:
    settle()
    env = make("ALE/Breakout-v5")
    env.reset()
    steps(env, 40, np.random.default_rng(0))
    assert None in env.notes()["actions"]


def test_each_episode_and_each_seed_begins_differently(settle: Any) -> None:
    settle()
    env = make("CartPole-v1")
    starts = [tuple(each.reset()[0]) for each in (env, env, make("CartPole-v1", 1))]
    assert len(set(starts)) == 3
    again = make("CartPole-v1")
    again.begin_at(1)
    assert tuple(again.reset()[0]) == starts[1]


def test_an_atari_game_is_seen_as_four_small_frames(settle: Any) -> None:
    settle()
    space = make("ALE/Pong-v5").observation_space
    assert space.shape == (4, 84, 84)
    assert space.dtype == np.uint8
