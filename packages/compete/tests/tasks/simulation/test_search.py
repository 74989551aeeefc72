"""The search is compared with plain minimax on small boards, and held to its time."""

import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest
from connectx_positions import SMALL, minimax, random_positions

from compete.tasks.simulation.search import connectx
from compete.tasks.simulation.search.connectx import DECIDED, Board, Search


@pytest.mark.parametrize("compiled", [False, True])
def test_solved_positions_are_played_perfectly(compiled: bool) -> None:
    search = Search(4, 4, compiled=compiled, table_bits=16)
    for stones, mask in random_positions(SMALL, 300):
        found = search.find(stones, mask)
        best = minimax(stones, mask)
        if abs(found.score) >= DECIDED:  # a forced move is played without looking further
            assert found.score == best
        after = minimax(mask ^ stones, mask | SMALL.drop(mask, found.column))
        assert -after == best


def test_a_win_comes_first_then_a_block() -> None:
    board = [0] * 42
    observation = {"board": board, "mark": 1, "remainingOverageTime": 0}
    agent = Search(compiled=False)
    for column in (0, 1, 2):
        board[35 + column] = 1
        board[28 + column] = 2
    assert agent(observation, {"actTimeout": 0}) == 3  # wins, with no time at all
    observation["mark"] = 2
    assert agent(observation, {"actTimeout": 0}) == 3  # blocks below its own win


def test_it_looks_as_deep_as_its_limit_of_depth() -> None:
    assert Search(depth=5, compiled=False).find(0, 0).depth == 5


@pytest.mark.parametrize("compiled", [False, True])
def test_a_move_never_takes_longer_than_its_limit(compiled: bool) -> None:
    search = Search(compiled=compiled)
    search.warm_up()
    for stones, mask in random_positions(Board.make(), 8):
        start = time.perf_counter()
        found = search.find(stones, mask, seconds=0.2)
        assert time.perf_counter() - start < 0.4
        assert Board.make().drop(mask, found.column)


def test_without_overage_left_nothing_is_compiled() -> None:
    search = Search()
    start = time.perf_counter()
    observation = {"board": [0] * 42, "mark": 1, "remainingOverageTime": 1}
    search(observation, {"actTimeout": 0.5})
    assert time.perf_counter() - start < 0.5
    assert isinstance(search.warm_up().memory, list)


def test_the_networks_policy_decides_between_equal_moves_and_its_value_adds_to_scores() -> None:
    seen = []

    def evaluate(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        seen.append(planes)
        logits = np.zeros((len(planes), 7))
        logits[:, 6] = 1
        values = -planes[:, 1, 5, 0]  # the player to move does not like a stone in column 0
        return logits, values

    plain: dict[str, Any] = {"compiled": False, "depth": 2, "weights": connectx.NO_WEIGHTS}
    assert Search(evaluate=evaluate, value_weight=0, **plain).find(0, 0).column == 6
    assert seen[0].shape == (8, 2, 6, 7)
    assert seen[0].sum() == 7  # the empty board, then one stone of the opponent's on each
    assert Search(evaluate=evaluate, value_weight=20, **plain).find(0, 0).column == 0


def test_a_network_of_nan_does_not_stop_the_agent() -> None:
    def broken(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.full((len(planes), 7), np.nan), np.full(len(planes), np.nan)

    assert Search(evaluate=broken, compiled=False, depth=2).find(0, 0).column in range(7)


def test_the_module_runs_by_itself_without_numba() -> None:
    code = (
        "import sys; sys.modules['numba'] = None\n"
        f"source = open({connectx.__file__!r}, encoding='utf-8').read()\n"
        "space = {'__name__': 'shipped'}; exec(source, space)\n"
        "view = {'board': [0] * 42, 'mark': 1, 'remainingOverageTime': 60}\n"
        "print(space['Search']()(view, {'actTimeout': 0.2}))\n"
        "assert not [name for name in sys.modules if name.startswith('compete')]\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "3", done.stderr
