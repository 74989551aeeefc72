"""Episodes and ratings, kept in the database of the competition; replays and logs, in files."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..db import Database
from .player import Outcome
from .rating import Rating, update

_SCHEMA = """
create table if not exists episodes (
    id integer primary key autoincrement, created real not null, ended real,
    state text not null, type text not null
);
create table if not exists episode_agents (
    episode integer not null, seat integer not null, player integer not null,
    reward real, state text not null, primary key (episode, seat)
);
create table if not exists ratings (player integer primary key, mu real, sigma real);
"""
_AGENT_STATES = {
    "ERROR": "ERROR_EVALUATION",
    "INVALID": "ERROR_INVALID_ACTION",
    "TIMEOUT": "ERROR_TIMEOUT",
}


@dataclass(frozen=True)
class EpisodeAgent:
    """A seat of an episode; `state` is the end of a name of the client's `EpisodeAgentState`.

    `player` is the number of a submission; the agents of the ladder have such numbers too.
    """

    seat: int
    player: int
    reward: float | None
    state: str


@dataclass(frozen=True)
class Episode:
    """An episode; state and type have the client's names. Times are seconds since 1970."""

    id: int
    created: float
    ended: float | None
    state: str
    type: str
    agents: list[EpisodeAgent]


class Episodes:
    """The episodes of one competition.

    Args:
        db: of the competition.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._folder = db.folder / "episodes"
        with db.transaction() as connection:
            connection.executescript(_SCHEMA)
            # Unique over all competitions of a server: GetEpisodeReplay has no slug.
            connection.execute(
                "insert into sqlite_sequence (name, seq) select 'episodes', ? "
                "where not exists (select 1 from sqlite_sequence where name = 'episodes')",
                (db.first_ref + 30_000_000,),
            )

    def folder(self, episode: int) -> Path:
        """Return where an episode's replay and logs are."""
        return self._folder / str(episode)

    def begin(self, kind: str, players: Sequence[int], created: float) -> int:
        """Record an episode that is about to be played; return its number.

        Args:
            kind: `EPISODE_TYPE_VALIDATION` or `EPISODE_TYPE_PUBLIC`.
            players: by seat.
            created: seconds since 1970.
        """
        with self._db.transaction() as connection:
            row = connection.execute(
                "insert into episodes (created, state, type) values (?, 'CREATED', ?) returning id",
                (created, kind),
            ).fetchone()
            episode = int(row["id"])
            connection.executemany(
                "insert into episode_agents (episode, seat, player, state) "
                "values (?, ?, ?, 'PENDING')",
                [(episode, seat, player) for seat, player in enumerate(players)],
            )
        return episode

    def finish(self, episode: int, outcome: Outcome, ended: float) -> None:
        """Record how an episode ended, and rate its players if it was a public one.

        Args:
            episode: its number.
            outcome: what the player of episodes said.
            ended: seconds since 1970.
        """
        state = "ERRORED" if outcome.failure else "COMPLETED"
        with self._db.transaction() as connection:
            connection.execute(
                "update episodes set state = ?, ended = ? where id = ?", (state, ended, episode)
            )
            for seat, status in enumerate(outcome.statuses):
                ours = _AGENT_STATES.get(status, "COMPLETE")
                ours = "ERROR_ON_EPISODE" if outcome.failure else ours
                connection.execute(
                    "update episode_agents set reward = ?, state = ? "
                    "where episode = ? and seat = ?",
                    (outcome.rewards[seat], ours, episode, seat),
                )
            found = self._read(connection, "id = ?", episode)[0]
            if found.type == "EPISODE_TYPE_PUBLIC" and not outcome.failure:
                players = [agent.player for agent in found.agents]
                before = [_rating(connection, player) for player in players]
                rewards = [agent.reward for agent in found.agents]
                for player, rating in update(before, players, rewards).items():
                    _keep(connection, player, rating)

    def give_up(self, episode: int, state: str, ended: float) -> None:
        """Record that an episode could not be played to its end.

        Args:
            episode: its number.
            state: `ERRORED`, or `NEVER_STARTED` for one to be played again under another number.
            ended: seconds since 1970.
        """
        with self._db.transaction() as connection:
            connection.execute(
                "update episodes set state = ?, ended = ? where id = ?", (state, ended, episode)
            )
            connection.execute(
                "update episode_agents set state = 'ERROR_ON_EPISODE' where episode = ?", (episode,)
            )

    def of(self, player: int) -> list[Episode]:
        """Return the episodes of a submission, the newest first."""
        with self._db.transaction() as connection:
            return self._read(
                connection,
                "id in (select episode from episode_agents where player = ?)",
                player,
            )

    def find(self, episode: int) -> Episode | None:
        """Return an episode, None if there is none of this number."""
        with self._db.transaction() as connection:
            return next(iter(self._read(connection, "id = ?", episode)), None)

    def played(self, player: int) -> int:
        """Count the public episodes of a submission that have ended."""
        with self._db.transaction() as connection:
            row = connection.execute(
                "select count(distinct id) as played from episodes "
                "join episode_agents on episode = id where player = ? "
                "and type = 'EPISODE_TYPE_PUBLIC' and episodes.state in ('COMPLETED', 'ERRORED')",
                (player,),
            ).fetchone()
        return int(row["played"])

    def rating(self, player: int) -> Rating:
        """Return a player's rating; before the first episode that is 600."""
        with self._db.transaction() as connection:
            return _rating(connection, player)

    @staticmethod
    def _read(connection: sqlite3.Connection, where: str, value: int) -> list[Episode]:
        query = f"select * from episodes where {where} order by id desc"
        return [
            Episode(
                **row,
                agents=[
                    EpisodeAgent(**agent)
                    for agent in connection.execute(
                        "select seat, player, reward, state from episode_agents "
                        "where episode = ? order by seat",
                        (row["id"],),
                    )
                ],
            )
            for row in connection.execute(query, (value,)).fetchall()
        ]


def _rating(connection: sqlite3.Connection, player: int) -> Rating:
    row = connection.execute("select mu, sigma from ratings where player = ?", (player,)).fetchone()
    return Rating(**row) if row else Rating()


def _keep(connection: sqlite3.Connection, player: int, rating: Rating) -> None:
    connection.execute(
        "insert or replace into ratings values (?, ?, ?)", (player, rating.mu, rating.sigma)
    )
