"""Keeps the agent's games, to be looked through after the tournament."""

import gzip
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compete.files import atomic_path
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
