"""`compete validate`: plays an agent by Kaggle's runner, as Kaggle would, before it is sent."""

import ast
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from compete.errors import Fault
from compete.files import file_digest, note
from compete.records import Record
from compete.simulation_contract import SimulationContract
from compete.tasks.simulation.agent_files import ARCHIVE, unpack
from compete.tasks.simulation.agent_process import AgentProcess
from compete.tasks.simulation.failures import explain_failure, own_stderr
from compete.tasks.simulation.match import Match, play_match
from compete.tasks.simulation.official import make_environment
from compete.tasks.simulation.replays import times
from compete.training.config import load_base
from compete.verdict import SubmissionFacts, Verdict

PLAIN = Path("submissions/main.py")
VALIDATION = Path("submissions/validation.json")
GAMES = 50  # against random
_SHOWN = 2000  # characters of stderr
_TOLD = 10  # games between two lines: an agent that searches takes minutes


@dataclass
class AgentVerdict(Verdict):
    """What was found when an agent played.

    Args:
        games: how many it played, those against itself among them.
        won: against random, as are `drawn` and `lost`.
        mean: seconds of a move.
        first: of the longest first move of a game.
        slowest: of the longest other move.
        overage: the most that was used in one game beyond the time for each move.
        act_timeout: seconds that are allowed for each move.
        overage_limit: seconds that a game may use beyond.
        stderr: the end of what it wrote there in the first game in which it did.
    """

    games: int = 0
    won: int = 0
    drawn: int = 0
    lost: int = 0
    mean: float = 0.0
    first: float = 0.0
    slowest: float = 0.0
    overage: float = 0.0
    act_timeout: float = 0.0
    overage_limit: float = 0.0
    stderr: str = ""

    @property
    def looked_at(self) -> str:
        """The games and the times."""
        counted = f" ({self.won} won, {self.drawn} drawn, {self.lost} lost against random)"
        return (
            f"{f'{self.games} games{counted}' if self.games > 1 else 'a game against itself'}, "
            f"{self.mean:.2f} s a move, {self.slowest:.2f} s at most (allowed: "
            f"{self.act_timeout:g} s), {self.first:.2f} s the first, {self.overage:.2f} s of "
            f"{self.overage_limit:g} s overage used"
        )


@dataclass(frozen=True)
class Validation(Record):
    """The last agent that was found good: `submissions/validation.json`.

    Args:
        sha256: of its file.
        package: the environment's, with its version.
        verdict: what was found.
    """

    sha256: str
    package: str
    verdict: dict[str, Any]


def submission_facts() -> SubmissionFacts:
    """Return what is sent, and where. Raise `Fault` if there is nowhere to send it."""
    contract = _contract()
    written = ARCHIVE if ARCHIVE.exists() or not PLAIN.exists() else PLAIN
    return SubmissionFacts(contract.slug, written)


def check(file: Path) -> AgentVerdict:
    """Play an agent's file against itself and against random, from every seat.

    Args:
        file: main.py, or an archive with main.py at its root.

    Returns:
        The verdict; after the first fault no further game is played.

    Raises:
        Fault: there is no such file, or nothing to play.
    """
    verdict = _check(file, GAMES)
    if not verdict.faults:
        found = Validation(file_digest(file), _contract().package, asdict(verdict))
        found.write(VALIDATION)
    return verdict


def check_as_kaggle(file: Path) -> AgentVerdict:
    """Play an agent's file against itself alone: Kaggle's validation episode. See `check`."""
    return _check(file, 0)


def _check(file: Path, games: int) -> AgentVerdict:
    contract, limit = _contract(), load_base().data.max_submission_mb
    verdict = AgentVerdict(str(file))
    verdict.act_timeout, verdict.overage_limit = contract.act_timeout or 0, contract.overage or 0
    with tempfile.TemporaryDirectory() as folder:
        main = unpack(file, Path(folder, "agent"))
        _read(main, verdict)
    size = file.stat().st_size / 1e6
    if size > limit:
        verdict.faults.append(f"it has {size:.1f} MB; the competition allows {limit:g} MB")
    if verdict.faults:
        return verdict
    _play(file, contract, verdict, games)
    return verdict


def check_before_sending(file: Path) -> AgentVerdict:
    """Return the verdict on a file, from before if the very same was found good."""
    known = Validation.read(VALIDATION) if file.is_file() else None
    if known and (known.sha256, known.package) == (file_digest(file), _contract().package):
        note(f"{file} was validated before.")
        return AgentVerdict(**known.verdict | {"file": str(file)})
    return check(file)


def _contract() -> SimulationContract:
    contract = SimulationContract.load()
    if contract.kind != "kaggle":
        raise Fault(
            f"{contract.environment} is a Gymnasium environment: there is nothing to submit.",
            "Run `compete predict` to evaluate the agent.",
        )
    return contract


def _read(main: Path, verdict: AgentVerdict) -> None:
    """Check what can be seen without running it."""
    try:
        tree = ast.parse(main.read_bytes())
    except SyntaxError as error:
        verdict.faults.append(f"main.py, line {error.lineno}, is not valid Python: {error.msg}")
        return
    names: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.ImportFrom):
            names += [each.asname or each.name for each in node.names]
    if "agent" in names and names[-1] != "agent":
        verdict.warnings.append(
            f"Kaggle calls the last callable that main.py defines, perhaps {names[-1]} instead of "
            "agent: define agent last"
        )


def _play(file: Path, contract: SimulationContract, verdict: AgentVerdict, games: int) -> None:
    players = 2 if 2 in contract.players else min(contract.players)
    shipped = list(make_environment(contract.environment).agents)
    random = "random" if "random" in shipped else shipped[0]
    own = [AgentProcess(str(file), contract.environment) for _ in range(players)]
    others = [AgentProcess(random, contract.environment) for _ in range(players - 1)]
    allowed = (verdict.act_timeout, verdict.overage_limit)
    timed: list[tuple[int, tuple[tuple[float, ...], ...]]] = []

    def play(agents: list[AgentProcess], seats: list[int], seed: int) -> Match:
        match = play_match(
            contract.environment,
            agents,
            configuration=contract.configuration,
            overage=contract.overage,
            seed=seed,
        )
        verdict.games += 1
        timed.extend((seat, match.seconds) for seat in seats)
        for seat in seats:
            if fault := explain_failure(match, seat, allowed):
                verdict.faults.append(fault)
            if not verdict.stderr and (written := own_stderr(match.stderr[seat])):
                verdict.stderr = written[-_SHOWN:]
                note(f"stderr of the agent:\n{verdict.stderr}")
        return match

    try:
        then = f", then {games} games against {random}" if games else ""
        note(f"{file.name} plays against itself{then} ...")
        play(own, [*range(players)], 0)
        for number in range(games):
            if verdict.faults:
                break
            seat = number % players
            lineup = [*others]
            lineup.insert(seat, own[0])
            _count(play(lineup, [seat], number), seat, verdict)
            if (number + 1) % _TOLD == 0:
                note(f"  {number + 1} of {GAMES} games, {verdict.won} won")
    finally:
        for process in (*own, *others):
            process.close()
    taken = times(timed, verdict.act_timeout)
    verdict.mean, verdict.first = taken.mean, taken.first
    verdict.slowest, verdict.overage = taken.slowest, taken.overage
    _warn(verdict)


def _count(match: Match, seat: int, verdict: AgentVerdict) -> None:
    others = [rank for place, rank in enumerate(match.ranks) if place != seat]
    verdict.won += match.ranks[seat] < min(others)
    verdict.drawn += match.ranks[seat] == min(others)
    verdict.lost += match.ranks[seat] > min(others)


def _warn(verdict: AgentVerdict) -> None:
    moves, overage = verdict.act_timeout, verdict.overage_limit
    if verdict.slowest > moves:
        verdict.warnings.append(
            f"a move took {verdict.slowest:.2f} s of {moves:g} s; Kaggle's machines may be slower"
        )
    if verdict.overage > overage / 2:
        verdict.warnings.append(
            f"a game used {verdict.overage:.1f} s of {overage:g} s overage; Kaggle may be slower"
        )
    if verdict.lost > GAMES // 5:
        verdict.warnings.append(f"it lost {verdict.lost} of {GAMES} games against random moves")
