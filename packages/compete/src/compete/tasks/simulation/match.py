"""A match of two or more agents, run by Kaggle's own runner, each agent in its own process."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from compete.tasks.simulation.agent_process import AgentProcess
from compete.tasks.simulation.official import make_environment


@dataclass(frozen=True)
class Match:
    """How a match ended. Everything but `official` is by seat.

    Args:
        environment: its name.
        agents: who played.
        ranks: 1 is the best; agents that did equally well share a rank.
        rewards: Kaggle's; None for an agent that failed.
        statuses: Kaggle's: DONE, or ERROR, INVALID or TIMEOUT for an agent that failed.
        seconds: what each action took.
        stderr: what the agent wrote to stderr, the end of it.
        official: Kaggle's environment after the match, for its steps and replay.
    """

    environment: str
    agents: tuple[str, ...]
    ranks: tuple[int, ...]
    rewards: tuple[float | None, ...]
    statuses: tuple[str, ...]
    seconds: tuple[tuple[float, ...], ...]
    stderr: tuple[str, ...]
    official: Any = field(repr=False, compare=False, default=None)


def play_match(
    environment: str,
    agents: Sequence[AgentProcess],
    *,
    configuration: dict[str, Any] | None = None,
    overage: float | None = None,
    seed: int | None = None,
) -> Match:
    """Play a match by Kaggle's runner and rules.

    Args:
        environment: its name in kaggle-environments.
        agents: one for each seat. An object may not have two seats.
        configuration: what differs from the environment's own.
        overage: seconds beyond `actTimeout` that each agent has in all; default: Kaggle's.
        seed: for the agents' processes, and for the environment where its configuration has
            a seed.

    Raises:
        Fault: the environment is unknown or refuses the configuration, or a process does not
            start.
    """
    official = make_environment(environment, configuration, overage=overage)
    if seed is not None and "seed" in official.specification.configuration:
        seeded = {"seed": seed} | (configuration or {})
        official = make_environment(environment, seeded, overage=overage)
    for agent in agents:
        agent.start(seed)
    from kaggle_environments.errors import DeadlineExceeded

    try:
        official.run(list(agents))
    except DeadlineExceeded:  # of the match as a whole: nobody is to blame
        statuses, rewards = ["TIMEOUT"] * len(agents), [None] * len(agents)
    else:
        statuses = [str(state.status) for state in official.state]
        rewards = [state.reward for state in official.state]
    logs = [
        [step[seat] for step in official.logs if seat < len(step)] for seat in range(len(agents))
    ]
    return Match(
        environment=environment,
        agents=tuple(agent.agent for agent in agents),
        ranks=_ranks(rewards),
        rewards=tuple(rewards),
        statuses=tuple(statuses),
        seconds=tuple(tuple(log["duration"] for log in own if "duration" in log) for own in logs),
        stderr=tuple("".join(log.get("stderr", "") for log in own)[-10_000:] for own in logs),
        official=official,
    )


def _ranks(rewards: Sequence[float | None]) -> tuple[int, ...]:
    """Return the rank of each, 1 the best. Whoever failed is behind all who did not."""
    values = [float("-inf") if reward is None else reward for reward in rewards]
    return tuple(1 + sum(other > own for other in values) for own in values)
