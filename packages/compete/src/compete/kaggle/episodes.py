"""What Kaggle says of an agent that was submitted: its rating, its episodes, replays and logs."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from compete.errors import Fault
from compete.files import atomic_path
from compete.kaggle.client import ask, call, iso, score
from compete.kaggle.http_errors import Unreachable

T = TypeVar("T")
_SUBMISSION = "Take the number of one of your submissions: kaggle competitions submissions SLUG."
_EPISODE = "Take the number of an episode: kaggle competitions episodes SUBMISSION."
_LOGS = "Take the episode and the index of your own agent: Kaggle gives no logs of others."


@dataclass(frozen=True)
class Rating:
    """A submitted agent as Kaggle rates it.

    Args:
        ref: the number of the submission.
        status: pending (the validation episode is still to come), complete or error.
        value: the rating, which starts at 600; None where there is none (yet).
        error: why the validation episode failed; "" if it did not.
    """

    ref: int
    status: str
    value: float | None
    error: str


@dataclass(frozen=True)
class EpisodeAgent:
    """An agent in an episode.

    Args:
        index: its seat, from 0.
        submission: the number of its submission.
        team: the name of its team.
        reward: the environment's; None where it failed or the episode goes on.
        state: pending, complete, error_evaluation (it raised or crashed), error_invalid_action,
            error_timeout, or error_on_episode (not the agent's doing).
    """

    index: int
    submission: int
    team: str
    reward: float | None
    state: str


@dataclass(frozen=True)
class Episode:
    """An episode of a submitted agent.

    Args:
        id: Kaggle's number.
        kind: validation (against itself), public (rated), or another word of Kaggle's.
        state: created, completed, errored or never_started.
        created: ISO 8601 in UTC.
        ended: ISO 8601 in UTC; None while it goes on.
        agents: by seat.
    """

    id: int
    kind: str
    state: str
    created: str | None
    ended: str | None
    agents: tuple[EpisodeAgent, ...]


def rating(ref: int) -> Rating:
    """Return the rating of a submission.

    Args:
        ref: its number.

    Raises:
        Fault: there is no such submission, or no way to Kaggle.
    """
    found = _given(
        f"submission {ref}", _SUBMISSION, lambda api: ask(api, "get_submission", ref=ref)
    )
    return Rating(
        ref=found.ref,
        status=found.status.name.lower(),
        value=score(found.public_score),
        error=(found.error_description or "").strip(),
    )


def episodes(ref: int) -> list[Episode]:
    """Return the episodes that a submission has played or plays, the newest first.

    Args:
        ref: the number of the submission.

    Raises:
        Fault: there is no such submission, or no way to Kaggle.
    """
    found = _given(
        f"submission {ref}",
        _SUBMISSION,
        lambda api: ask(api, "list_submission_episodes", submission_id=ref),
    )
    listed = [
        Episode(
            id=episode.id,
            kind=episode.type.name.removeprefix("EPISODE_TYPE_").lower(),
            state=episode.state.name.lower(),
            created=iso(episode.create_time),
            ended=iso(episode.end_time),
            agents=tuple(map(_agent, sorted(episode.agents, key=lambda agent: int(agent.index)))),
        )
        for episode in found.episodes or []
    ]
    return sorted(listed, key=lambda episode: -episode.id)


def _agent(found: Any) -> EpisodeAgent:
    state = found.state.name.removeprefix("EPISODE_AGENT_STATE_").lower()
    return EpisodeAgent(
        index=found.index,
        submission=found.submission_id,
        team=found.team_name or "",
        # The client gives 0 where Kaggle gives none.
        reward=found.reward if state == "complete" else None,
        state=state,
    )


def replay(episode: int, path: Path) -> None:
    """Fetch the replay of an episode to `path`, whole or not at all.

    It names the other players, so it is not to be published.

    Args:
        episode: its number.
        path: the JSON file to write; it is replaced.

    Raises:
        Fault: there is no such episode, or no way to Kaggle.
    """
    _fetch(
        f"episode {episode}",
        _EPISODE,
        path,
        lambda api: ask(api, "get_episode_replay", episode_id=episode),
    )


def agent_logs(episode: int, index: int, path: Path) -> None:
    """Fetch what an own agent wrote in an episode to `path`, whole or not at all.

    The file holds, for each step in which the agent acted, a list of one dictionary with duration
    (seconds), stdout and stderr, the last two cut by Kaggle at 10,000 characters.

    Args:
        episode: its number.
        index: the agent's seat in it.
        path: the JSON file to write; it is replaced.

    Raises:
        Fault: there is no such agent or it is another team's, or no way to Kaggle.
    """
    _fetch(
        f"logs of agent {index} in episode {episode}",
        _LOGS,
        path,
        lambda api: ask(api, "get_episode_agent_logs", episode_id=episode, agent_index=index),
    )


def _fetch(what: str, remedy: str, path: Path, request: Callable[[Any], Any]) -> None:
    def fetch(api: Any) -> None:
        with request(api) as answer, atomic_path(path) as beside:
            with beside.open("wb") as file:
                for block in answer.iter_content(2**16):
                    file.write(block)
            json.loads(beside.read_bytes())  # not the login page of a guest network

    _given(what, remedy, fetch)


def _given(what: str, remedy: str, request: Callable[[Any], T]) -> T:
    """Return what `request(api)` returns; these methods know no slug, by which errors are told."""
    try:
        return call("", request)
    except Unreachable:
        raise
    except Fault as fault:
        status = getattr(getattr(fault.__cause__, "response", None), "status_code", None)
        if status in (403, 404):
            raise Fault(f"Kaggle gives this account no {what} ({status}).", remedy) from None
        raise
