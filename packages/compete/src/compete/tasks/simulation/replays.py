"""Keeps the agent's games, to be looked through after the tournament."""

import gzip
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compete.files import atomic_path
from compete.simulation_records import MoveTimes
from compete.tasks.simulation.match import Match
from compete.tasks.simulation.tournament import Result

AGENT = "agent"  # its name among the players


@dataclass(frozen=True)
class Game:
    """A game of the agent.

    Args:
        players: by seat.
        round: which of the games of these players in these seats, from 0.
        seconds: what each action took, by seat.
        replay: as Kaggle's environment writes it.
    """

    players: tuple[str, ...]
    round: int
    seconds: tuple[tuple[float, ...], ...]
    replay: dict[str, Any]

    @property
    def seat(self) -> int:
        """The agent's own."""
        return self.players.index(AGENT)

    @property
    def opponent(self) -> str:
        """The other player; if there are more, the first of them."""
        return next(name for name in self.players if name != AGENT)


def keep_game(folder: Path, result: Result, match: Match) -> None:
    """Write a game into a folder."""
    game = Game(result.players, result.round, match.seconds, match.official.toJSON())
    path = folder / f"{result.round:03}-{'-'.join(result.players)}.json.gz"
    with atomic_path(path) as beside:
        beside.write_bytes(gzip.compress(json.dumps(vars(game)).encode(), mtime=0))


def read_games(folder: Path, players: Collection[str], rounds: int) -> Iterator[Game]:
    """Yield the games that lie in a folder, of these players and of so many rounds."""
    for path in sorted(folder.glob("*.json.gz")):
        kept = json.loads(gzip.decompress(path.read_bytes()))
        for key in ("players", "seconds"):
            kept[key] = tuple(kept[key])
        game = Game(**kept)
        if game.round < rounds and set(game.players) <= set(players):
            yield game


def times(games: Sequence[tuple[int, Sequence[Sequence[float]]]], act_timeout: float) -> MoveTimes:
    """Return how long an agent took over some games.

    Args:
        games: its seat, and what each action took, by seat.
        act_timeout: seconds for each move.
    """
    own = [seconds[seat] for seat, seconds in games if seconds[seat]]
    moves = [each for game in own for each in game]
    if not moves:
        return MoveTimes()
    return MoveTimes(
        moves=len(moves),
        mean=round(sum(moves) / len(moves), 3),
        first=round(max(game[0] for game in own), 3),
        slowest=round(max((each for game in own for each in game[1:]), default=0.0), 3),
        overage=round(max(sum(max(0.0, s - act_timeout) for s in game) for game in own), 3),
    )
