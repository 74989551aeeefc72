"""What a simulation competition asks of an agent: `contract.yaml`, each value with its source."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from compete.contract import read_entries, write_entries
from compete.errors import Fault
from compete.files import CONTRACT


@dataclass(frozen=True)
class SimulationContract:
    """The environment and its limits; `sources` says where each value is from.

    Args:
        environment: the name in `kaggle-environments`, or the Gymnasium id.
        kind: which of the two packages has it.
        version: of the environment itself, as its package states it.
        package: the package with its version, such as `kaggle-environments 1.33.2`.
        players: the numbers of players that it can be played by.
        action: what an agent returns: JSON schema (Kaggle's), or the space in words (Gymnasium).
        observation: what an agent is given: a schema for each of its names, or the space in words.
        configuration: the values of the environment's own options.
        episode_steps: steps after which an episode ends; None: no limit.
        act_timeout: seconds for each move; None: no limit.
        overage: seconds that may be used beyond `act_timeout` in a whole episode.
        run_timeout: seconds for the whole episode.
        reward_threshold: the mean return from which on Gymnasium calls the environment solved.
        deadline: ISO 8601 in UTC, if Kaggle named one.
    """

    slug: str
    title: str
    environment: str
    kind: Literal["kaggle", "gymnasium"]
    version: str
    package: str
    players: list[int]
    action: Any
    observation: Any
    configuration: dict[str, Any] = field(default_factory=dict)
    episode_steps: int | None = None
    act_timeout: float | None = None
    overage: float | None = None
    run_timeout: float | None = None
    reward_threshold: float | None = None
    deadline: str | None = None
    max_daily_submissions: int | None = None
    sources: dict[str, str] = field(default_factory=dict, compare=False)

    def save(self, path: Path = CONTRACT) -> None:
        """Write `contract.yaml`: every value with its source."""
        values = asdict(self)
        write_entries(values, values.pop("sources"), path)

    @classmethod
    def load(cls, path: Path = CONTRACT) -> "SimulationContract":
        """Read `contract.yaml`. Raise `Fault` if it is missing or not what `save` wrote."""
        entries = read_entries(path)
        try:
            values = {key: entry["value"] for key, entry in entries.items()}
            return cls(**values, sources={key: entry["source"] for key, entry in entries.items()})
        except (TypeError, KeyError):
            raise Fault(
                f"{path} is damaged or was edited.", "Run `compete prepare` again."
            ) from None
