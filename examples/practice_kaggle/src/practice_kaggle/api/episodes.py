"""Methods about the episodes of simulations: which there are, their replays and logs."""

from datetime import UTC, datetime

from ..errors import Refusal
from ..serialization import Json, format_time
from ..simulation.competition import Simulation
from ..simulation.episodes import Episode
from ..site import Site
from .responses import Content, Reply


def list_submission_episodes(site: Site, body: Json) -> Reply:
    """List the episodes of a submission, the newest first. Raise `Refusal` if it is unknown."""
    ref = int(body.get("submissionId") or 0)
    for competition in site.competitions.values():
        known = any(submission.ref == ref for submission in competition.submissions())
        if isinstance(competition, Simulation) and (known or competition.is_ladder(ref)):
            episodes = competition.episodes.of(ref)
            return {"episodes": [_record(competition, episode) for episode in episodes]}
        if known:
            return {"episodes": []}
    raise Refusal(404, "Submission not found")


def get_episode_replay(site: Site, body: Json) -> Reply:
    """Return the replay of an episode. Raise `Refusal` if there is none."""
    competition, episode = _find(site, body)
    return _file(competition, episode, "replay.json")


def get_episode_agent_logs(site: Site, body: Json) -> Reply:
    """Return what an agent printed, step by step. Raise `Refusal` if it is another team's."""
    competition, episode = _find(site, body)
    seat = int(body.get("agentIndex") or 0)
    agent = next((agent for agent in episode.agents if agent.seat == seat), None)
    if agent is None:
        raise Refusal(404, f"The episode has no agent {seat}")
    if competition.is_ladder(agent.player):
        raise Refusal(403, "Permission 'episodes.getAgentLogs' was denied")
    return _file(competition, episode, f"logs-{seat}.json")


def _find(site: Site, body: Json) -> tuple[Simulation, Episode]:
    number = int(body.get("episodeId") or 0)
    for competition in site.competitions.values():
        if isinstance(competition, Simulation):
            episode = competition.episodes.find(number)
            if episode is not None:
                return competition, episode
    raise Refusal(404, "Episode not found")


def _file(competition: Simulation, episode: Episode, name: str) -> Content:
    path = competition.episodes.folder(episode.id) / name
    if episode.ended is None or not path.exists():
        raise Refusal(404, "The episode has not been played to its end")
    return Content(path.read_bytes(), "application/json")


def _record(competition: Simulation, episode: Episode) -> Json:
    ended = episode.ended and format_time(datetime.fromtimestamp(episode.ended, UTC))
    return {
        "id": episode.id,
        "createTime": format_time(datetime.fromtimestamp(episode.created, UTC)),
        "endTime": ended,
        "state": episode.state,
        "type": episode.type,
        "agents": [
            {
                "submissionId": agent.player,
                "index": agent.seat,
                "reward": agent.reward,
                "state": f"EPISODE_AGENT_STATE_{agent.state}",
                "teamName": competition.team(agent.player),
                "teamId": competition.team_of(agent.player),
            }
            for agent in episode.agents
        ],
    }
