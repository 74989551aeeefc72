"""Judges a submission: games against the ladder by Kaggle's runner, ratings, times, mistakes."""

from collections.abc import Mapping
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

from compete.files import file_digest, note
from compete.simulation_contract import SimulationContract
from compete.simulation_records import Judgement, Pairing, Standing
from compete.tasks.simulation.match import Match
from compete.tasks.simulation.players import ladder
from compete.tasks.simulation.quality import judge_moves
from compete.tasks.simulation.ratings import rate, win_table
from compete.tasks.simulation.replays import AGENT, keep_game, read_games, times
from compete.tasks.simulation.tournament import Result, play_tournament

TOURNAMENT = Path("tournament")
_ANCHOR = "random"


def judge(
    submission: Path,
    past_selves: Mapping[str, Path],
    contract: SimulationContract,
    *,
    member: str,
    play: str,
    rounds: int,
) -> tuple[Judgement, dict[str, Any]]:
    """Let an agent play against the ladder and its past selves; goes on where it was killed.

    The reference agents play each other too, once from each seat.

    Args:
        submission: the agent's file.
        past_selves: files of further agents by name.
        contract: what the competition asks for.
        member: whose training the agent is from.
        play: how it chooses its moves.
        rounds: how often it meets each of the others from each seat.

    Returns:
        The judgement, and the replay of one game.
    """
    agents = {AGENT: str(submission)} | ladder(contract.environment)
    agents |= {name: str(path) for name, path in past_selves.items()}
    version = file_digest(submission)[:16]
    replays = TOURNAMENT / "replays" / version
    counted = _Progress(rounds * 2 * (len(agents) - 1))

    def keep(result: Result, match: Match) -> None:
        keep_game(replays, result, match)
        counted.add(result)

    note(f"{submission}: games against {', '.join(name for name in agents if name != AGENT)}")
    pairs = list(permutations(agents, 2))
    own = [pair for pair in pairs if AGENT in pair]
    environment = contract.environment
    play_on = partial(
        play_tournament,
        TOURNAMENT / "results.jsonl",
        environment,
        agents,
        configuration=contract.configuration,
        overage=contract.overage,
    )
    results = play_on(rounds=rounds, lineups=own, keep=keep)
    results += play_on(lineups=[pair for pair in pairs if AGENT not in pair])
    anchor = _ANCHOR if _ANCHOR in agents else None
    games = [*read_games(replays, agents, rounds)]
    rated = rate(results, anchor=anchor)
    strongest = next((each.player for each in rated if each.player != AGENT), "")
    shown = max(games, key=lambda game: (strongest in game.players, len(game.replay["steps"])))
    judgement = Judgement(
        agent=AGENT,
        environment=environment,
        member=member,
        play=play,
        file=submission.as_posix(),
        sha256=file_digest(submission),
        size=submission.stat().st_size,
        anchor=anchor,
        games=len(results),
        failures=sum(_failed(result) for result in results if AGENT in result.players),
        ladder=[Standing(**vars(each)) for each in rated],
        pairings=[Pairing(*pair, *counts) for pair, counts in win_table(results).items()],
        times=times([(game.seat, game.seconds) for game in games], contract.act_timeout or 0),
        quality=judge_moves(environment, games, TOURNAMENT / "solved.jsonl"),
        replay=list(shown.players),
    )
    return judgement, shown.replay


def _failed(result: Result) -> bool:
    return result.statuses[result.players.index(AGENT)] != "DONE"


class _Progress:
    """Says after each game how it ended."""

    def __init__(self, games: int) -> None:
        self._games, self._played = games, 0

    def add(self, result: Result) -> None:
        self._played += 1
        seat = result.players.index(AGENT)
        own, other = result.ranks[seat], min(r for i, r in enumerate(result.ranks) if i != seat)
        told = "won" if own < other else "drew" if own == other else "lost"
        if _failed(result):
            told = f"failed ({result.statuses[seat]})"
        opponent = next(name for name in result.players if name != AGENT)
        moves = "first" if seat == 0 else "second"
        note(
            f"  {self._played} of at most {self._games}: {told} against {opponent}, moving {moves}"
        )
