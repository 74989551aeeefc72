"""What a simulation competition asks of an agent: `contract.yaml`, each value with its source."""

from dataclasses import dataclass, field
from typing import Any, Literal

from compete.contract import SourcedContract


@dataclass(frozen=True)
class SimulationContract(SourcedContract):
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
