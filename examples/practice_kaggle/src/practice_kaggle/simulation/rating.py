"""Ratings from 600, by Glicko: http://www.glicko.net/glicko/glicko.pdf (Glickman 1999)."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_Q = math.log(10) / 400
_LEAST_SIGMA = 30.0  # so that later episodes still count
# Points of rating, on average, by which an opponent is at random chosen as if it were farther.
_SPREAD = 200.0


@dataclass(frozen=True)
class Rating:
    """An estimate of a player's strength, and its standard deviation.

    400 points of difference mean ten wins for one loss.
    """

    mu: float = 600.0
    sigma: float = 350.0


def update(
    ratings: Sequence[Rating], players: Sequence[int], rewards: Sequence[float | None]
) -> dict[int, Rating]:
    """Return the players' ratings after an episode, which counts as a game of each against each.

    Args:
        ratings: before the episode, by seat.
        players: by seat; a player may have several seats, and does not play against itself.
        rewards: by seat; the higher wins, and whoever failed (None) loses.
    """
    before = dict(zip(players, ratings, strict=True))
    values = [-math.inf if reward is None else reward for reward in rewards]
    after = {}
    for player, rating in before.items():
        information = gain = 0.0
        for mine, own in zip(players, values, strict=True):
            for other, theirs in zip(players, values, strict=True):
                if mine != player or other == player:
                    continue
                g = 1 / math.sqrt(1 + 3 * (_Q * before[other].sigma / math.pi) ** 2)
                expected = 1 / (1 + 10 ** (-g * (rating.mu - before[other].mu) / 400))
                score = 0.5 if own == theirs else float(own > theirs)
                information += (_Q * g) ** 2 * expected * (1 - expected)
                gain += g * (score - expected)
        variance = 1 / (1 / rating.sigma**2 + information)
        sigma = max(_LEAST_SIGMA, math.sqrt(variance))
        after[player] = Rating(rating.mu + _Q * variance * gain, sigma)
    return after


def draw_players(
    ref: int, mu: Mapping[int, float], seats: int, generator: random.Random
) -> list[int]:
    """Return who plays an episode, by seat: a submission and others of about its rating.

    The list is empty where there is no other.

    Args:
        ref: the submission's number.
        mu: the ratings, by number, of the submission and all others.
        seats: how many play.
        generator: decides among those of like rating, and the seats.
    """
    others = [other for other in mu if other != ref]
    far = {other: abs(mu[other] - mu[ref]) + generator.expovariate(1 / _SPREAD) for other in others}
    near = sorted(others, key=lambda other: far[other])
    chosen = (near * seats)[: seats - 1]
    players = [ref, *chosen] if len(chosen) == seats - 1 else []
    generator.shuffle(players)
    return players
