from itertools import permutations

import numpy as np
import pytest

from compete.tasks.simulation.ratings import rate, win_table
from compete.tasks.simulation.tournament import Result


def result(players: tuple[str, ...], ranks: tuple[int, ...], number: int = 0) -> Result:
    seats = len(players)
    return Result(players, ("",) * seats, number, ranks, ("DONE",) * seats, (0.0,) * seats)


def test_known_strengths_are_found_again_and_lie_in_the_intervals() -> None:
    strengths = {"weak": 0, "middle": 200, "strong": 350, "best": 700}
    rng = np.random.default_rng(0)
    results = []
    for players in permutations(strengths, 2):
        apart = strengths[players[0]] - strengths[players[1]]
        chance = 1 / (1 + 10 ** (-apart / 400))
        for number in range(200):
            won = rng.random() < chance
            results.append(result(players, (1, 2) if won else (2, 1), number))
    ratings = rate(results, anchor="weak", resamples=100)
    assert [rating.player for rating in ratings] == ["best", "strong", "middle", "weak"]
    for rating in ratings:
        assert rating.elo == pytest.approx(strengths[rating.player], abs=60)
        assert rating.low - 1 <= strengths[rating.player] <= rating.high + 1
        assert rating.wins + rating.draws + rating.losses == 1200
    assert (ratings[-1].low, ratings[-1].elo, ratings[-1].high) == (0, 0, 0)
    assert ratings[0].high - ratings[0].low > 20


def test_draws_make_equals_and_who_wins_always_stays_finite() -> None:
    drawn = rate([result(("a", "b"), (1, 1))] * 10)
    assert [round(rating.elo, 6) for rating in drawn] == [0, 0]
    assert [rating.draws for rating in drawn] == [10, 10]
    always = rate([result(("a", "b"), (1, 2))] * 100)
    assert always[0].player == "a"
    assert 300 < always[0].elo - always[1].elo < 2000


def test_a_match_of_four_counts_between_each_pair() -> None:
    results = [result(("a", "b", "c", "d"), (1, 2, 2, 4))] * 20
    ratings = {rating.player: rating for rating in rate(results, resamples=0)}
    assert ratings["a"].elo > ratings["b"].elo == pytest.approx(ratings["c"].elo, abs=0.01)
    assert ratings["c"].elo > ratings["d"].elo
    assert (ratings["b"].wins, ratings["b"].draws, ratings["b"].losses) == (20, 20, 20)
    table = win_table(results)
    assert table["a", "b"] == (20, 0, 0)
    assert table["c", "b"] == (0, 20, 0)
    assert table["d", "c"] == (0, 0, 20)


def test_few_matches_leave_a_wide_interval() -> None:
    results = [result(pair, (1, 2), 0) for pair in (("a", "b"), ("a", "c"), ("b", "c"))]
    results += [result(("b", "a"), (1, 2), 0), result(("c", "a"), (1, 1), 0)]
    for rating in rate(results):
        assert rating.high - rating.low > 100
