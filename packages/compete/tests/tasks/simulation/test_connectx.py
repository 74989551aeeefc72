import numpy as np
import pytest

from bench.official_connectx import OfficialConnectX
from compete.errors import Fault
from compete.tasks.simulation.games.connectx import ConnectX


@pytest.mark.parametrize(
    ("rows", "columns", "games", "seen"),
    [(6, 7, 200, {-1, 1}), (4, 5, 100, {-1, 0, 1}), (3, 12, 30, {-1, 1})],
)
def test_random_games_go_as_in_kaggles_own_environment(
    rows: int, columns: int, games: int, seen: set[int]
) -> None:
    rng = np.random.default_rng(rows)
    ours = ConnectX(games, rows, columns)
    official = [OfficialConnectX(rows=rows, columns=columns) for _ in range(games)]
    over = np.zeros(games, bool)
    results = []
    while not over.all():
        legal = ours.legal()
        marks = ours.to_move() + 1
        planes = ours.observe()
        for i in np.flatnonzero(~over):
            assert legal[i].tolist() == official[i].legal()
            board = np.reshape(official[i].board, (rows, columns))
            np.testing.assert_array_equal(planes[i, 0], board == marks[i])
            np.testing.assert_array_equal(planes[i, 1], board == 3 - marks[i])
        actions = (rng.random((games, columns)) * legal).argmax(axis=1)
        illegal = rng.random(games) < 0.02
        actions = np.where(illegal, rng.integers(-1, columns + 1, games), actions)
        outcome = ours.step(actions)
        for i in np.flatnonzero(~over):
            expected = official[i].step(int(actions[i]))
            assert (outcome.done[i], outcome.reward[i]) == expected
            if expected[0]:
                results.append(expected[1])
        assert not outcome.reward[over].any()
        over = outcome.done
    assert set(results) >= seen


def test_a_reset_starts_only_the_named_boards_anew() -> None:
    game = ConnectX(3)
    game.step(np.array([3, 3, 7]))  # the last one is illegal
    assert game.done.tolist() == [False, False, True]
    game.reset(game.done)
    assert game.observe().sum(axis=(1, 2, 3)).tolist() == [1, 1, 0]
    assert game.step(np.array([3, 3, 3])).done.tolist() == [False] * 3


def test_a_board_of_kaggles_is_read_from_the_view_of_its_mark() -> None:
    official = OfficialConnectX()
    for column in (3, 3, 0):
        official.step(column)
    game = ConnectX(2)
    game.load(1, {"board": official.board, "mark": 2}, official.configuration)
    played = ConnectX(1)
    for column in (3, 3, 0):
        played.step(np.array([column]))
    np.testing.assert_array_equal(game.observe()[1], played.observe()[0])
    with pytest.raises(Fault, match="5 x 7 with 4 in a row"):
        ConnectX(1, rows=6).load(
            0, {"board": [0] * 35, "mark": 1}, {"rows": 5, "columns": 7, "inarow": 4}
        )


@pytest.mark.parametrize(("rows", "columns", "inarow"), [(8, 8, 4), (2, 17, 4), (6, 7, 5)])
def test_what_does_not_fit_a_bitboard_is_refused(rows: int, columns: int, inarow: int) -> None:
    with pytest.raises(Fault):
        ConnectX(1, rows, columns, inarow)
