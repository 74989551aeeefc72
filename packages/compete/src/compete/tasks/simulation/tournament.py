"""A round-robin that can be interrupted: every result is a line in a file, played once."""

import json
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from compete.errors import Fault
from compete.files import digest, file_digest
from compete.tasks.simulation.agent_files import is_agent_file
from compete.tasks.simulation.agent_process import AgentProcess
from compete.tasks.simulation.match import Match, play_match

_LIVE = 16  # processes kept for further games; one may hold 100 MB


@dataclass(frozen=True)
class Result:
    """One match of a tournament. Everything but `round` is by seat.

    Args:
        players: their names.
        versions: fingerprints of the agents; a changed agent plays anew.
        round: which of the matches of these players in these seats, from 0.
        ranks: 1 is the best; equals share a rank.
        statuses: Kaggle's, DONE unless the agent failed.
        slowest: the longest time an action took, in seconds.
    """

    players: tuple[str, ...]
    versions: tuple[str, ...]
    round: int
    ranks: tuple[int, ...]
    statuses: tuple[str, ...]
    slowest: tuple[float, ...]


def play_tournament(
    path: Path,
    environment: str,
    agents: Mapping[str, str],
    *,
    rounds: int = 1,
    lineups: Iterable[tuple[str, ...]] | None = None,
    configuration: dict[str, Any] | None = None,
    overage: float | None = None,
    seed: int = 0,
    keep: Callable[[Result, Match], None] | None = None,
) -> list[Result]:
    """Play what a file of results lacks, and return the results of these agents.

    Args:
        path: the file, one JSON object a line; it is made where it is missing.
        environment: its name in kaggle-environments.
        agents: by name, each as `AgentProcess` takes it.
        rounds: how often each lineup plays.
        lineups: names by seat; default: every pair, in both orders.
        configuration: what differs from the environment's own.
        overage: seconds beyond `actTimeout` that each agent has in all; default: Kaggle's.
        seed: from which each match's own is made.
        keep: is given each match that is played, before its result is written.

    Raises:
        Fault: an agent's file is missing, or another process plays with this file.
    """
    versions = {name: _version(agent) for name, agent in agents.items()}
    seats = list(permutations(agents, 2)) if lineups is None else list(lineups)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=0):
            done = {
                (result.players, result.round): result
                for result in read_results(path)
                if result.versions == tuple(versions.get(name) for name in result.players)
            }
            processes = _Processes(environment, agents)
            with path.open("ab") as file:
                try:
                    for number in range(rounds):
                        for players in seats:
                            if (players, number) in done:
                                continue
                            match = play_match(
                                environment,
                                processes.get(players),
                                configuration=configuration,
                                overage=overage,
                                seed=int(digest([str(seed), str(number), *players])[:8], 16),
                            )
                            result = Result(
                                players,
                                tuple(versions[name] for name in players),
                                number,
                                match.ranks,
                                match.statuses,
                                tuple(max(own, default=0.0) for own in match.seconds),
                            )
                            if keep is not None:
                                keep(result, match)
                            file.write(json.dumps(asdict(result)).encode() + b"\n")
                            file.flush()
                            os.fsync(file.fileno())
                            done[players, number] = result
                finally:
                    processes.close()
    except Timeout:
        raise Fault(
            f"Another process plays the tournament of {path}.", "Wait until it has ended."
        ) from None
    wanted = set(seats)
    return [r for (players, number), r in done.items() if players in wanted and number < rounds]


def read_results(path: Path) -> list[Result]:
    """Return the results in a file, and cut off a line that was not written to its end.

    Args:
        path: the file; without it there are none.
    """
    if not path.exists():
        return []
    text = path.read_bytes()
    whole = text[: text.rfind(b"\n") + 1]
    if whole != text:
        os.truncate(path, len(whole))
    return [_result(json.loads(line)) for line in whole.splitlines()]


def _result(line: dict[str, Any]) -> Result:
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in line.items()}
    return Result(**values)


class _Processes:
    """The agents' processes, started when first needed; few live at a time."""

    def __init__(self, environment: str, agents: Mapping[str, str]) -> None:
        self._environment, self._agents = environment, agents
        self._live: OrderedDict[str, AgentProcess] = OrderedDict()

    def get(self, players: tuple[str, ...]) -> list[AgentProcess]:
        for name in players:
            if name not in self._live:
                self._live[name] = AgentProcess(self._agents[name], self._environment)
            self._live.move_to_end(name)
        while len(self._live) > max(_LIVE, len(players)):
            self._live.popitem(last=False)[1].close()
        return [self._live[name] for name in players]

    def close(self) -> None:
        for process in self._live.values():
            process.close()


def _version(agent: str) -> str:
    """Return what changes when the agent does: of a file its content, else its name."""
    path = Path(agent)
    if not is_agent_file(agent):
        return agent
    if not path.exists():
        raise Fault(f"The agent {path} does not exist.", "Write it, or take it from the ladder.")
    return file_digest(path)[:16]
