"""Elo ratings by maximum likelihood, with bootstrap intervals, from the results of matches."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from compete.tasks.simulation.tournament import Result

_ELO = 400 / np.log(10)  # of one logit
# The variance of a logit before any game (Gaussian): whoever won every game keeps a finite rating.
_PRIOR = 10.0


@dataclass(frozen=True)
class Rating:
    """A player's strength.

    Args:
        player: its name.
        elo: the rating; 400 points more win ten games for each one lost.
        low: the 2.5th percentile of the bootstrap.
        high: the 97.5th.
        wins: over single opponents, as are draws and losses.
        draws: ranks that were shared.
        losses: the rest.
    """

    player: str
    elo: float
    low: float
    high: float
    wins: int
    draws: int
    losses: int


def rate(
    results: Sequence[Result], *, anchor: str | None = None, resamples: int = 200, seed: int = 0
) -> list[Rating]:
    """Return the ratings of all players, the best first.

    Bradley and Terry's model, fitted by logistic regression; a draw is half a win for both. A match
    of more than two counts as one between each pair. The bootstrap draws among all matches: among
    those of the same players, of which there may be two, it would find no spread.

    Args:
        results: of matches.
        anchor: the player whose rating is 0; default: the mean of all is.
        resamples: of the bootstrap.
        seed: of the bootstrap.
    """
    names = sorted({name for result in results for name in result.players})
    place = {name: index for index, name in enumerate(names)}
    base = None if anchor is None else place[anchor]
    # Each pair of players in a match: the match, who, against whom, and the first one's share.
    pairs = np.array(
        [
            (match, place[result.players[i]], place[result.players[j]], _share(result.ranks, i, j))
            for match, result in enumerate(results)
            for i, j in combinations(range(len(result.players)), 2)
        ]
    )
    table = np.zeros((len(names), 3), np.int64)  # wins, draws, losses
    for _, one, other, share in pairs:
        table[int(one), int(2 - 2 * share)] += 1
        table[int(other), int(2 * share)] += 1
    elo = _fit(pairs, np.ones(len(results)), len(names), base)
    rng = np.random.default_rng(seed)
    drawn = np.empty((resamples, len(names)))
    for sample in drawn:
        times = np.bincount(rng.choice(len(results), len(results)), minlength=len(results))
        sample[:] = _fit(pairs, times.astype(float), len(names), base)
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0) if resamples else (elo, elo)
    rated = [
        Rating(name, float(elo[i]), float(low[i]), float(high[i]), *map(int, table[i]))
        for i, name in enumerate(names)
    ]
    return sorted(rated, key=lambda rating: -rating.elo)


def _share(ranks: Sequence[int], one: int, other: int) -> float:
    return 0.5 * ((ranks[one] < ranks[other]) - (ranks[one] > ranks[other])) + 0.5


def _fit(
    pairs: NDArray[np.float64], times: NDArray[np.float64], players: int, base: int | None
) -> NDArray[np.float64]:
    """Return each player's Elo, when each match counts as often as `times` says."""
    match, one, other = pairs[:, :3].astype(np.int64).T
    won = np.zeros((players, players))
    np.add.at(won, (one, other), times[match] * pairs[:, 3])
    np.add.at(won, (other, one), times[match] * (1 - pairs[:, 3]))
    first, second = np.nonzero(np.triu(won + won.T))
    games = np.zeros((len(first), players))
    games[np.arange(len(first)), first] = 1
    games[np.arange(len(first)), second] = -1
    model = LogisticRegression(C=_PRIOR, fit_intercept=False, tol=1e-6)
    labels = np.repeat([1, 0], len(first))
    model.fit(
        np.concatenate([games, games]),
        labels,
        sample_weight=np.concatenate([won[first, second], won[second, first]]),
    )
    elo: NDArray[np.float64] = model.coef_[0] * _ELO
    elo -= elo.mean() if base is None else elo[base]
    return elo


def win_table(results: Sequence[Result]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Return wins, draws and losses of one player against another, over all seats.

    Args:
        results: of matches.
    """
    table: dict[tuple[str, str], list[int]] = {}
    for result in results:
        for i, one in enumerate(result.players):
            for j, other in enumerate(result.players):
                if i != j:
                    counts = table.setdefault((one, other), [0, 0, 0])
                    counts[int(2 - 2 * _share(result.ranks, i, j))] += 1
    return {pair: (wins, draws, losses) for pair, (wins, draws, losses) in table.items()}
