"""Simulations: an environment of kaggle-environments, with its own agents as the ladder."""

from pathlib import Path

from ..errors import PracticeError
from ..simulation.player import EpisodePlayer
from .folder import new_folder, write_settings

_README = """\
# {title}

{description}

Submit `main.py`, or `submission.tar.gz` with `main.py` at its root. The last function that
`main.py` defines is the agent: `def agent(observation, configuration)` returns an action. Try it:

```python
from kaggle_environments import make

environment = make("{environment}", debug=True)
environment.run([{agents}])
```
"""


def make_simulation(folder: Path, environment: str, players: int | None = None) -> Path:
    """Make the competition of an environment.

    Args:
        folder: the practice folder to write.
        environment: its name in kaggle-environments.
        players: in an episode; None: two, or the fewest that the environment allows beyond one.

    Raises:
        PracticeError: there is no such environment, or it is for other numbers of players.
    """
    with EpisodePlayer() as player:
        known = player.describe(environment)
    counts: list[int] = known["players"]
    wanted = players or next((count for count in counts if count > 1), counts[0])
    if wanted not in counts:
        raise PracticeError(
            f"{environment} is not for {wanted} players. Choose one of: "
            f"{', '.join(map(str, counts))}."
        )
    with new_folder(folder) as new:
        agents = ", ".join(['"main.py"', *[f'"{known["agents"][0]}"'] * (wanted - 1)])
        text = _README.format(
            title=known["title"],
            description=known["description"],
            environment=environment,
            agents=agents,
        )
        (new / "data" / "README.md").write_text(text, encoding="utf-8")
        write_settings(
            new,
            {
                "slug": environment.replace("_", "-"),
                "title": known["title"],
                "environment": environment,
                "players": wanted,
                "ladder": known["agents"],
                "episodes": 10,
                "category": "Simulation",
                "deadline": "2030-01-01T00:00:00Z",
                "max_daily_submissions": 5,
            },
        )
    return folder
