"""A policy that first learns the moves of the game's own search, and opponents that search."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from compete.errors import Fault
from compete.simulation_records import AgentRun
from compete.tasks.simulation import imitation
from compete.tasks.simulation.games.connectx import ConnectX
from compete.tasks.simulation.imitation import label_positions
from compete.tasks.simulation.opponents import REFERENCES
from compete.tasks.simulation.prepare import prepare
from compete.tasks.simulation.selfplay import set_games
from compete.tasks.simulation.train import train

Settle = Callable[..., Path]
RUN = Path("runs/base")
CONNECTX: dict[str, dict[str, Any]] = {
    "data": {"environment": "connectx", "environment_kwargs": {"rows": 4, "columns": 5}}
    | {"n_envs": 8, "snapshot_freq": 64, "opponents": ["random"]},
    "model": {"n_steps": 8, "batch_size": 32, "channels": 8, "blocks": 1, "learning_rate": 1e-4},
    "trainer": {"total_timesteps": 64, "eval_freq": 64, "checkpoint_freq": 64}
    | {"n_eval_episodes": 100, "imitate": 4000, "imitate_nodes": 1000, "imitate_epochs": 3},
}


def test_a_policy_that_imitates_the_search_beats_random_moves_before_it_has_played(
    settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(**CONNECTX)
    prepare()
    train(None, None, [])
    run = AgentRun.load("base")
    assert run is not None
    assert [point["timesteps"] for point in run.curve] == [0, 64]
    assert run.curve[0]["against_random"] > 0.7  # an untrained one: about 0.5
    assert not list(RUN.glob("imitation.*"))

    expected = (RUN / "model.safetensors").read_bytes()
    shutil.rmtree(RUN)
    for line in ("epoch 1 of 3", "epoch 2 of 3"):  # and after the labels
        with monkeypatch.context() as patch:
            patch.setattr(imitation, "note", _interrupt_at(line))
            with pytest.raises(KeyboardInterrupt):
                train(None, None, [])
        assert (RUN / "imitation.pt").exists()
    monkeypatch.setattr(imitation, "label_positions", None)  # they are not made again
    train(None, None, [])
    assert (RUN / "model.safetensors").read_bytes() == expected


def _interrupt_at(words: str) -> Callable[[str], None]:
    def note(line: str) -> None:
        if words in line:
            raise KeyboardInterrupt

    return note


def test_nothing_can_be_imitated_where_there_is_no_search(settle: Settle) -> None:
    settle()
    prepare()
    with pytest.raises(Fault, match=r"no search for CartPole-v1.*`imitate: 0` under `trainer`"):
        train(None, None, ["--trainer.imitate", "100"])


def test_labels_are_a_function_of_the_seed_and_reach_all_parts_of_the_game() -> None:
    first, again = (label_positions(ConnectX(32, 4, 5), 500, 1000, 7) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    stones = first.planes.sum(axis=(1, 2, 3))
    assert stones.min() == 0
    assert stones.max() > 11
    assert first.legal[np.arange(500), first.actions].all()
    assert {-1.0, 1.0} <= {*first.values.tolist()}


def test_a_mirrored_board_asks_for_the_mirrored_move() -> None:
    game = ConnectX(2)
    set_games(game, [[0, 6, 0, 6, 0, 5], [6, 0, 6, 0, 6, 1]])
    planes, actions = game.mirror(game.observe(), game.search(np.array([True, True])).actions)
    np.testing.assert_array_equal(planes[0], game.observe()[1])
    assert actions.tolist() == [6, 0]


def test_an_opponent_that_searches_deeper_is_stronger_and_its_table_changes_nothing() -> None:
    game, random = ConnectX(60), np.random.default_rng(0)
    results = []
    while not game.done.all():
        own = (game.to_move() == np.arange(60) % 2) & ~game.done
        actions = np.full(60, -1)
        for where, name in ((own, "alpha-beta-4"), (~own & ~game.done, "tactical")):
            if where.any():
                actions[where] = REFERENCES[name].act(game, where, random)
        rewards = game.step(actions).reward
        results.append(np.where(own, rewards, -rewards))
    assert np.sum(results) > 20  # of 60

    set_games(game, [[3, 3, 2]] * 60)
    where = np.arange(60) < 5
    first, *others = (
        REFERENCES["alpha-beta-8"].act(game, where, np.random.default_rng(1)) for _ in range(3)
    )
    for other in others:
        np.testing.assert_array_equal(first, other)
    assert {*first.tolist()} <= {1, 4}  # the others lose by 4 and 5, or 1 and 0
