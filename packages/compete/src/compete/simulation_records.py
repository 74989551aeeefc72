"""The record of an agent's training, which one command leaves for another."""

from dataclasses import dataclass, field
from pathlib import Path

from compete.files import RUNS
from compete.records import Record


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
