"""The part of `compete status` for agents: wins and losses, and the replays of lost episodes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from compete.errors import Fault
from compete.files import note
from compete.kaggle import episodes
from compete.simulation_records import RatedGames
from compete.submission_records import LedgerEntry

EPISODES = Path("data/episodes")
"""Replays and logs of lost games. They name other players: git ignores the folder."""
_AGENTS = 2  # the newest, whose episodes are shown; Kaggle lets older ones play seldom or never
_FETCHED = 10  # the newest lost games of each
RESULTS = ("won", "drawn", "lost", "failed")


@dataclass(frozen=True)
class Game:
    """A rated episode of an agent.

    Args:
        episode: Kaggle's number.
        seat: the agent's, from 0.
        opponents: their teams.
        result: `won`, `drawn`, `lost`, or `failed` if the agent crashed, was too slow, or moved
            illegally.
    """

    episode: int
    seat: int
    opponents: tuple[str, ...]
    result: str


def played(ref: int) -> list[Game]:
    """Return the rated games of a submission, the newest first.

    Args:
        ref: its number.

    Raises:
        Fault: there is no such submission, or no way to Kaggle.
    """
    games = []
    for episode in episodes.episodes(ref):
        own = next((agent for agent in episode.agents if agent.submission == ref), None)
        if episode.kind == "public" and episode.ended and own is not None:
            others = [agent for agent in episode.agents if agent is not own]
            teams = tuple(agent.team for agent in others)
            games.append(Game(episode.id, own.index, teams, _result(own, others)))
    return games


def fetch_lost(ref: int, games: Iterable[Game]) -> list[Path]:
    """Fetch replays and logs of the newest games that were lost or failed, and are not there yet.

    Args:
        ref: the number of the submission.
        games: of it, the newest first.

    Returns:
        The replays that are there.

    Raises:
        Fault: there is no way to Kaggle.
    """
    lost = [game for game in games if game.result in ("lost", "failed")][:_FETCHED]
    found = []
    for game in lost:
        replay = EPISODES / str(ref) / f"episode-{game.episode}-replay.json"
        logs = replay.with_name(f"episode-{game.episode}-agent-{game.seat}-logs.json")
        if not logs.exists():
            episodes.agent_logs(game.episode, game.seat, logs)
        if not replay.exists():
            episodes.replay(game.episode, replay)
        found.append(replay)
    return found


def latest(entries: Sequence[LedgerEntry]) -> dict[int, list[Game]]:
    """Return the games of the newest agents in the ledger by the number of the submission.

    What Kaggle does not tell is left out, and said. Lost games are fetched.
    """
    refs = [entry.ref for entry in entries if entry.is_agent and entry.ref]
    found: dict[int, list[Game]] = {}
    for ref in refs[-_AGENTS:]:
        try:
            found[ref] = played(ref)
            if replays := fetch_lost(ref, found[ref]):
                note(f"{len(replays)} lost games of submission {ref}: {replays[0].parent}")
        except Fault as fault:
            note(f"The episodes of submission {ref} could not be fetched: {fault.what}")
    return found


def keep(played_by: Mapping[int, Sequence[Game]]) -> None:
    """Save the wins and losses of each submission by opponent, for the report."""
    if played_by:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        RatedGames(now, {str(ref): against(games) for ref, games in played_by.items()}).save()


def against(games: Sequence[Game]) -> dict[str, list[int]]:
    """Return how often each result came about, in the order of `RESULTS`, most games first."""
    everybody = Counter(team for game in games for team in game.opponents)
    counts = Counter((team, game.result) for game in games for team in game.opponents)
    return {
        team: [counts[team, result] for result in RESULTS] for team, _ in everybody.most_common()
    }


def as_dicts(games: Sequence[Game]) -> list[dict[str, Any]]:
    """Return games as JSON writes them."""
    return [vars(game) | {"opponents": list(game.opponents)} for game in games]


def print_table(ref: int, games: Sequence[Game]) -> None:
    """Print the wins and losses of a submission by opponent, most games first."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(f"submission {ref} against")
    for name in RESULTS:
        table.add_column(name, justify="right")
    for team, counts in against(games).items():
        table.add_row(team, *(str(count or "") for count in counts))
    total = Counter(game.result for game in games)
    table.add_row("all", *(str(total[name]) for name in RESULTS))
    Console(soft_wrap=True).print(table)


def _result(own: episodes.EpisodeAgent, others: Sequence[episodes.EpisodeAgent]) -> str:
    if own.reward is None:
        return "failed"
    best = max((agent.reward for agent in others if agent.reward is not None), default=None)
    if best is None or own.reward > best:
        return "won"
    return "drawn" if own.reward == best else "lost"
