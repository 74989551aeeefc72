"""The opponents of self-play: past selves and reference agents, rated, and sampled by rating."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from compete.tasks.simulation.opponents import Opponent, Policy, make_opponent
from compete.tasks.simulation.weights import save_policy

_K = 4.0  # by how much a game may move a rating: hundreds of games are played between two updates
_FLOOR = 0.02  # of a weight, so that nobody is forgotten


class Pool:
    """Rates opponents by Elo (1978), and samples those that teach the most.

    The first reference agent stands at 0. A past self joins with the rating that the learner has.

    Args:
        references: names of agents that stay.
        folder: where past selves lie.
        size: how many of them are kept; the weakest makes room, and its file stays.
    """

    def __init__(self, references: Iterable[str], folder: Path, size: int) -> None:
        self.references, self.folder, self.size = [*references], folder, size
        self.ratings: dict[str, float] = dict.fromkeys(self.references, 0.0)
        self.learner = 0.0
        self.joined = -1  # the step at which the last past self did
        self._loaded: dict[str, Opponent] = {}

    def join(self, policy: Policy, step: int) -> None:
        """Add the present policy as a past self."""
        path = self.folder / f"{step:09}.safetensors"
        save_policy(policy, path)
        past = [name for name in self.ratings if name not in self.references]
        if len(past) >= self.size:
            del self.ratings[min(past, key=lambda name: self.ratings[name])]
        self.ratings[path.as_posix()] = self.learner
        self.joined = step

    def sample(self, count: int, random: np.random.Generator) -> list[str]:
        """Return the names of so many different opponents, equals of the learner the likeliest.

        The weight is p (1 - p), of the expected score p, as in the league of AlphaStar (Vinyals et
        al., 2019).
        """
        names = [*self.ratings]
        scores = np.array([self.expected(name) for name in names])
        weights = scores * (1 - scores) + _FLOOR
        chosen = random.choice(
            len(names), min(count, len(names)), replace=False, p=weights / weights.sum()
        )
        return [names[index] for index in chosen]

    def expected(self, name: str) -> float:
        """Return the score, from 0 to 1, that the learner is expected to get against a name."""
        return float(1 / (1 + 10 ** ((self.ratings[name] - self.learner) / 400)))

    def rate(self, results: Iterable[tuple[str, float]]) -> None:
        """Change the ratings by games: the opponent's name, and the learner's score from 0 to 1."""
        anchor = next(iter(self.ratings), None)
        for name, score in results:
            if name in self.ratings:  # it may have made room meanwhile
                surprise = _K * (score - self.expected(name))
                self.learner += surprise
                if name != anchor:
                    self.ratings[name] -= surprise

    def load(self, names: Iterable[str], policy: Policy) -> None:
        """Load these opponents, and forget the others. Raise `Fault` for one that can't be."""
        self._loaded = {
            name: self._loaded.get(name) or make_opponent(name, policy) for name in names
        }

    def __getitem__(self, name: str) -> Opponent:
        return self._loaded[name]

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps of this."""
        return {"ratings": dict(self.ratings), "learner": self.learner, "joined": self.joined}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken."""
        self.ratings = dict(state["ratings"])
        self.learner, self.joined = state["learner"], state["joined"]
