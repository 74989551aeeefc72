"""The program that plays episodes: `python -m practice_kaggle.simulation.play`.

It reads a job from each line of stdin and answers each with a line of stdout, both JSON; it ends
with stdin. `kaggle_environments` is imported here and nowhere else in the practice Kaggle.
"""

import copy
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any


def main() -> None:
    """Do the jobs that come in."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints, kaggle_environments among them, prints to stderr
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=answers.close)  # else agents keep the pipe open
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    for line in sys.stdin:
        job = json.loads(line)
        try:
            answer = _describe(**job) if len(job) == 1 else _play(**job)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _describe(environment: str) -> dict[str, Any]:
    """Return how many may play, the agents that come with the environment, and all environments."""
    import kaggle_environments

    if environment not in kaggle_environments.environments:
        return {"environments": sorted(kaggle_environments.environments)}
    made = kaggle_environments.make(environment)
    return {
        "title": str(made.specification.title),
        "description": str(made.specification.description),
        "players": list(made.specification.agents),
        "agents": sorted(made.agents),
    }


def _play(
    environment: str,
    configuration: dict[str, Any],
    overage: float | None,
    agents: list[str],
    info: dict[str, Any],
    folder: str,
    scratch: str,
) -> dict[str, Any]:
    """Play an episode, write its replay and logs, and return its rewards and statuses by seat.

    Agents that are files have a process each; those of the environment play in this one.
    """
    import kaggle_environments
    from kaggle_environments.errors import DeadlineExceeded

    from .agent_process import AgentProcess

    known = kaggle_environments.environments[environment]
    if overage is not None:
        specification = copy.deepcopy(known["specification"])
        specification["observation"]["remainingOverageTime"] = overage
        known = {**known, "specification": specification}
    made = kaggle_environments.make(known, configuration=configuration, info=info)
    seen = json.loads(json.dumps(made.configuration))
    players: list[Any] = []
    failure = ""
    try:
        for agent in agents:
            home = Path(tempfile.mkdtemp(dir=scratch), "home")
            file = Path(agent).is_absolute()
            players.append(AgentProcess(agent, environment, seen, home) if file else agent)
        made.run(players)
    except DeadlineExceeded as error:
        failure = str(error)
    finally:
        for player in players:
            if isinstance(player, AgentProcess):
                player.close()
    _write(Path(folder), made, len(agents))
    last = made.steps[-1]
    return {
        "rewards": [state.reward for state in last],
        "statuses": [state.status for state in last],
        "failure": failure,
    }


def _write(folder: Path, made: Any, seats: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "replay.json").write_text(json.dumps(made.toJSON()), encoding="utf-8")
    for seat in range(seats):
        # A list for each action of the agent, as Kaggle's containers write them.
        own = [[logs[seat]] for logs in made.logs if seat < len(logs) and logs[seat]]
        (folder / f"logs-{seat}.json").write_text(json.dumps(own), encoding="utf-8")


if __name__ == "__main__":
    main()
