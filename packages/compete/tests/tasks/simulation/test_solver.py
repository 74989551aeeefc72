import math

from connectx_positions import SMALL, minimax, random_positions

from compete.tasks.simulation.official import make_environment
from compete.tasks.simulation.search.connectx import Board
from compete.tasks.simulation.solver import Solver, count_kept, played_moves, result


def test_scores_are_those_of_plain_minimax() -> None:
    solver = Solver(4, 4, table_bits=16, compiled=False)
    for stones, mask in random_positions(SMALL, 200):
        assert solver.solve(stones, mask, exact=True) == minimax(stones, mask)
        assert result(solver.solve(stones, mask) or 0) == result(minimax(stones, mask))
        for column, score in solver.moves(stones, mask, exact=True).items():
            assert score == -minimax(mask ^ stones, mask | SMALL.drop(mask, column))


def test_a_position_that_takes_too_long_is_unknown() -> None:
    solver = Solver(table_bits=16, compiled=False)
    assert solver.solve(0, 0, seconds=0.01) is None
    assert solver.keeps_value(0, 0, 3, seconds=0.01) == (None, None)


def test_moves_that_keep_the_value_are_counted() -> None:
    solver = Solver(4, 4, table_bits=16, compiled=False)
    moves = [(stones, mask, SMALL.legal(mask)[-1]) for stones, mask in random_positions(SMALL, 200)]
    lost = kept = 0
    for stones, mask, column in moves:
        before = result(minimax(stones, mask))
        after = result(-minimax(mask ^ stones, mask | SMALL.drop(mask, column)))
        lost += before == -1
        kept += before != -1 and after == before
    counted = count_kept(solver, moves)
    assert (counted.moves, counted.unknown) == (200, 0)
    assert (counted.lost, counted.kept) == (lost, kept)
    assert 0 < lost < 200 > lost + kept > kept > 0
    assert counted.share == (lost + kept) / 200
    assert counted.share_where_it_matters == kept / (200 - lost)


def test_what_is_unknown_is_left_out_of_the_share() -> None:
    counted = count_kept(Solver(table_bits=16, compiled=False), [(0, 0, 3)] * 2, seconds=0.01)
    assert (counted.moves, counted.unknown) == (2, 2)
    assert math.isnan(counted.share)


def test_the_moves_of_a_player_are_taken_from_kaggles_steps() -> None:
    official = make_environment("connectx")
    for column in (3, 3, 2, 7):  # the last one is illegal
        actions: list[int | None] = [None, None]
        actions[0 if official.state[0].status == "ACTIVE" else 1] = column
        official.step(actions)
    board = Board.make()
    first, second = 1 << 21, 1 << 22
    assert played_moves(official.steps, 0, board) == [(0, 0, 3), (first, first | second, 2)]
    assert played_moves(official.toJSON()["steps"], 1, board) == [(0, first, 3)]
