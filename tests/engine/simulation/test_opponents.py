"""Whom self-play meets: rules that keep their word, and a pool that is sampled by rating."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from sb3_contrib.common.maskable.policies import MaskableActorCriticPolicy
from stable_baselines3.common.utils import ConstantSchedule

from compete.tasks.simulation.evaluation import play_games
from compete.tasks.simulation.games.connectx import ConnectX
from compete.tasks.simulation.opponents import PastSelf, Reference, legal_moves, tactical_moves
from compete.tasks.simulation.pool import Pool
from compete.tasks.simulation.selfplay import SelfPlay, set_games


def policy_of(game: ConnectX) -> MaskableActorCriticPolicy:
    """Return an untrained policy that plays a game."""
    environments = SelfPlay(game, Pool(["random"], Path(), 1), 0, 1, 1)
    space, actions = environments.observation_space, environments.action_space
    return MaskableActorCriticPolicy(space, actions, ConstantSchedule(0.0))


@pytest.mark.parametrize(
    ("moves", "good"),
    [
        ([0, 6, 0, 6, 0, 5], {0}),  # three of its own in column 0: win
        ([0, 6, 0, 6, 0], {0}),  # three of the other's: block
        ([2, 2, 3, 3], {0, 1, 2, 3, 4, 5, 6}),  # nothing at stake in one move
        # Column 3 would let the other complete a row above it.
        ([0, 0, 1, 1, 6, 2, 2, 6, 6, 5], {0, 1, 2, 3, 4, 5, 6}),
    ],
)
def test_a_tactical_agent_wins_blocks_and_is_random_otherwise(
    moves: list[int], good: set[int]
) -> None:
    game = ConnectX(2)
    set_games(game, [moves, []])
    if len(moves) < 10:
        assert set(np.flatnonzero(tactical_moves(game)[0])) == good
    assert set(np.flatnonzero(tactical_moves(game)[1])) == set(range(7))


def test_no_tactical_move_hands_over_a_win_where_another_does_not() -> None:
    random, game = np.random.default_rng(0), ConnectX(200)
    for _ in range(20):
        allowed, legal = tactical_moves(game), legal_moves(game)
        for index in np.flatnonzero(~game.done)[:20]:
            found = [outcome(game, int(index), column) for column in range(7)]
            best = max(value for column, value in enumerate(found) if legal[index, column])
            expected = [legal[index, c] and value == best for c, value in enumerate(found)]
            assert allowed[index].tolist() == expected
        game.step((random.random((200, 7)) * game.legal()).argmax(axis=1))


def outcome(game: ConnectX, index: int, column: int) -> int:
    """Return 1 if a move wins, -1 if the other can win at once then, 0 otherwise: one by one."""
    one = ConnectX(1)
    one.stones[0], one.mask[0] = game.stones[index], game.mask[index]
    if one.step(np.array([column])).reward[0] == 1:
        return 1
    state = one.stones[0], one.mask[0], one.done[0]
    for answer in np.flatnonzero(one.legal()[0]):
        if one.step(np.array([answer])).reward[0] == 1:
            return -1
        one.stones[0], one.mask[0], one.done[0] = state
    return 0


def test_a_past_self_plays_by_its_probabilities_and_never_illegally() -> None:
    game, random = ConnectX(4000), np.random.default_rng(0)
    set_games(game, [[3, 3, 3, 3, 3, 3]] * 4000)
    policy = policy_of(game)
    past = PastSelf(policy)
    moves = past.act(game, np.ones(4000, np.bool_), random)
    with torch.no_grad():
        seen = torch.from_numpy(game.observe()[:1])
        mask = game.legal()[:1]
        distribution: Any = policy.get_distribution(seen, action_masks=mask).distribution
        expected = distribution.probs[0]
    shares = np.bincount(moves, minlength=7) / 4000
    assert shares[3] == 0
    np.testing.assert_allclose(shares, expected.numpy(), atol=0.03)


def test_equals_are_met_the_most_often_and_the_weakest_makes_room(tmp_path: Path) -> None:
    pool, policy = Pool(["random"], tmp_path, 2), policy_of(ConnectX(1))
    for step in (0, 100):
        pool.join(policy, step)
        pool.rate([("random", 1.0)] * 400)
    weak, equal = (tmp_path / f"{step:09}.safetensors" for step in (0, 100))
    assert pool.ratings["random"] == 0
    assert pool.ratings[weak.as_posix()] == 0
    assert 300 < pool.ratings[equal.as_posix()] < pool.learner
    random = np.random.default_rng(0)
    met = [pool.sample(1, random)[0] for _ in range(500)]
    assert met.count(equal.as_posix()) > 2 * met.count("random") > 0
    pool.join(policy, 200)
    assert [Path(name).stem for name in pool.ratings] == ["random", "000000100", "000000200"]
    assert weak.exists()


def test_lost_games_raise_the_opponent_and_lower_the_learner(tmp_path: Path) -> None:
    pool = Pool(["random", "tactical"], tmp_path, 1)
    pool.rate([("tactical", 0.0)] * 50)
    assert pool.ratings["tactical"] > 40
    assert pool.learner < -40
    assert pool.expected("tactical") < 0.4
    assert pool.expected("tactical") < pool.expected("random") < 0.5


def test_games_are_scored_for_the_model_whichever_seat_it_has() -> None:
    game = ConnectX(100)
    model: Any = SimpleNamespace(policy=policy_of(game))
    rewards = play_games(model, game, Reference(tactical_moves), (0, 1))
    assert rewards[::2].mean() < -0.8  # an untrained policy that begins
    assert rewards[1::2].mean() < -0.8
    assert set(rewards) <= {-1, 0, 1}
    np.testing.assert_array_equal(
        play_games(model, game, Reference(tactical_moves), (0, 1)), rewards
    )
