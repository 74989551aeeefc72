"""The records of an agent's training and of its games, which one command leaves for another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from compete.files import REPORTS, RUNS, SCORES, write_json
from compete.records import Record

JUDGEMENT = REPORTS / "judgement.json"
GAMES = Path("submissions/games.json")
REPLAY = REPORTS / "replay.json"
"""One game of the agent, as Kaggle's environment writes it and its page plays it."""


@dataclass(frozen=True)
class AgentRun(Record):
    """The training of one member: `runs/<member>/agent.json`.

    Args:
        fingerprint: of all that decides the result; another one means to train again.
        finished: whether weights were kept; else only the checkpoint is there.
        environment: that it was trained in.
        algorithm: the class of Stable-Baselines3 that trained.
        seed: of all randomness.
        timesteps: steps in the environments, all of them together.
        imitated: positions of the game's own search that it learned before.
        best_timesteps: after which the weights that were kept had the best evaluation.
        scores: that evaluation: `return` and what else it tells.
        curve: each evaluation: its scores, and `timesteps`.
        parameters: of the policy, how many numbers.
        seconds: of training, over all the runs that it took.
        device: `cpu`, `cuda` or `mps`.
        versions: of the packages that trained.
    """

    fingerprint: str
    member: str = ""
    finished: bool = False
    environment: str = ""
    algorithm: str = ""
    seed: int = 0
    timesteps: int = 0
    imitated: int = 0
    best_timesteps: int = 0
    scores: dict[str, float] = field(default_factory=dict)
    curve: list[dict[str, float]] = field(default_factory=list)
    parameters: int = 0
    seconds: float = 0.0
    device: str = "cpu"
    hardware: str = ""
    versions: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def folder(member: str) -> Path:
        """Return where a member's run lies."""
        return RUNS / member

    @classmethod
    def load(cls, member: str) -> "AgentRun | None":
        """Read the record of a member, None if its training never began."""
        return cls.read(cls.folder(member) / "agent.json")

    def save(self) -> None:
        """Write the record into the run's folder."""
        self.write(self.folder(self.member) / "agent.json")


@dataclass(frozen=True)
class Evaluation(Record):
    """Episodes of an agent that has no opponents: `reports/metrics.json`.

    Args:
        mean: of the returns.
        spread: their standard deviation.
        length: the mean number of steps.
        episodes: how many were played.
    """

    mean: float
    spread: float
    length: float
    episodes: int

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Make the record of a mapping whose mean is called `return`."""
        return super().from_dict({**values, "mean": values["return"]})

    @classmethod
    def load(cls) -> "Evaluation | None":
        """Read the evaluation, None before any agent was evaluated."""
        return cls.read(SCORES)


@dataclass(frozen=True)
class RatedGames(Record):
    """How submissions did on Kaggle, as `compete status` found it: `submissions/games.json`.

    It names other teams: git ignores it.

    Args:
        time: when it was asked, ISO 8601 in UTC.
        against: by the submission's number and the opponent's team: how many games were won,
            drawn, lost, and failed in.
    """

    time: str
    against: dict[str, dict[str, list[int]]]

    @classmethod
    def load(cls) -> "RatedGames | None":
        """Read it, None before `compete status` has asked."""
        return cls.read(GAMES)

    def save(self) -> None:
        """Write the record."""
        self.write(GAMES)


@dataclass(frozen=True)
class Standing(Record):
    """A player's place on the ladder.

    Args:
        elo: 0 is the judgement's `anchor`; 400 points more win ten games for each one lost.
        low: the 2.5th percentile of the bootstrap.
        high: the 97.5th.
        wins: over single opponents, as are draws and losses.
    """

    player: str
    elo: float
    low: float
    high: float
    wins: int
    draws: int
    losses: int


@dataclass(frozen=True)
class Pairing(Record):
    """What one player reached against another, over all seats."""

    player: str
    opponent: str
    wins: int
    draws: int
    losses: int


@dataclass(frozen=True)
class MoveTimes(Record):
    """How long the agent took, in seconds.

    Args:
        moves: how many were timed.
        first: the longest first move of a game, in which it loads and compiles.
        slowest: the longest of the others.
        overage: the most that was used in one game beyond the time for each move.
    """

    moves: int = 0
    mean: float = 0.0
    first: float = 0.0
    slowest: float = 0.0
    overage: float = 0.0


@dataclass(frozen=True)
class Mistake(Record):
    """A move that gave away the value of the game.

    Args:
        board: Kaggle's, before the move.
        mark: the agent's stones on it.
        column: that was played.
        value: 1 if the position was won, 0 if drawn.
        better: the columns that would have kept the value.
        opponent: in the game against whom.
    """

    board: list[int]
    mark: int
    column: int
    value: int
    better: list[int]
    opponent: str


@dataclass(frozen=True)
class MoveQuality(Record):
    """The agent's moves, each position once, by the exact solver.

    Args:
        moves: how many were looked at.
        unknown: of these, how many the solver had no time for.
        lost: how many were played in lost positions, where every move keeps the value.
        kept: how many others kept the value.
        share: of the known moves that keep the value, those in lost positions among them.
        mistakes: some of those that did not, the last of each game first.
    """

    moves: int
    unknown: int
    lost: int
    kept: int
    share: float
    mistakes: list[Mistake] = field(default_factory=list)


@dataclass(frozen=True)
class Judgement(Record):
    """How strong the submitted agent is: `reports/judgement.json`.

    Args:
        agent: its name among the players.
        member: whose training it is from.
        play: `search` or `argmax`.
        file: the submission.
        sha256: of that file.
        size: of that file, in bytes.
        anchor: the player whose rating is 0; None: the mean of all is.
        games: that were played between all players.
        failures: games in which the agent crashed, was too slow, or moved illegally.
        ladder: all players, the best first.
        pairings: every player against every other.
        times: of the agent's moves.
        quality: of the agent's moves, None where the game has no solver.
        replay: the players by seat in `reports/replay.json`.
    """

    agent: str
    environment: str
    member: str
    play: str
    file: str
    sha256: str
    size: int
    anchor: str | None
    games: int
    failures: int
    ladder: list[Standing]
    pairings: list[Pairing]
    times: MoveTimes
    quality: MoveQuality | None = None
    replay: list[str] = field(default_factory=list)

    @classmethod
    def load(cls) -> "Judgement | None":
        """Read the judgement, None before any agent was judged."""
        return cls.read(JUDGEMENT)

    @property
    def standing(self) -> Standing:
        """The agent's own place on the ladder."""
        return next(each for each in self.ladder if each.player == self.agent)

    def scores(self) -> dict[str, Any]:
        """Return its numbers for DVC: Elo, and the score (0 to 1) against each opponent."""
        own = self.standing
        against = {
            each.opponent: (each.wins + each.draws / 2) / (each.wins + each.draws + each.losses)
            for each in self.pairings
            if each.player == self.agent
        }
        kept = {} if self.quality is None else {"kept_value": self.quality.share}
        return {
            "elo": {"value": own.elo, "low": own.low, "high": own.high},
            "score_against": against,
            "seconds_per_move": {"mean": self.times.mean, "slowest": self.times.slowest},
            "failures": self.failures,
        } | kept

    def save(self) -> None:
        """Write the judgement, and its numbers to `reports/metrics.json`."""
        self.write(JUDGEMENT)
        write_json(SCORES, self.scores())
