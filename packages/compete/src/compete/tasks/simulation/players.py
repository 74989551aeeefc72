"""The ladder of reference agents for ConnectX, from random moves to alpha-beta at depth 8."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from compete.tasks.simulation.official import make_environment
from compete.tasks.simulation.search.connectx import NO_WEIGHTS, Board, Search, make_search, spots

Agent = Callable[[Mapping[str, Any], Mapping[str, Any]], int]

# What `AgentProcess` takes; Kaggle's environment ships the first two.
LADDER = {
    "random": "random",
    "negamax": "negamax",
    "tactical": f"{__name__}:tactical",
    "alpha-beta-4": f"{__name__}:alpha_beta_4",
    "alpha-beta-8": f"{__name__}:alpha_beta_8",
}

LADDERS = {"connectx": LADDER}
"""The ladders of games; that of any other are the agents that its environment ships."""


def ladder(environment: str) -> dict[str, str]:
    """Return the reference agents of a game by name, as `AgentProcess` takes them."""
    shipped = make_environment(environment).agents
    return LADDERS.get(environment) or {name: name for name in shipped}


def tactical() -> Agent:
    """Return an agent that wins, blocks, and hands over no win, and is random otherwise."""

    def act(observation: Mapping[str, Any], configuration: Mapping[str, Any]) -> int:
        board = Board.make(configuration["rows"], configuration["columns"])
        stones, mask = board.read(observation["board"], observation["mark"])
        wins, threats = spots(stones, board.height), spots(mask ^ stones, board.height)
        moves = {column: board.drop(mask, column) for column in board.legal(mask)}
        for good in (wins, threats, ~(threats >> 1)):
            if chosen := [column for column, move in moves.items() if move & good]:
                return random.choice(chosen)
        return random.choice(list(moves))

    return act


def alpha_beta_4() -> Agent:
    """Return an agent that searches 4 moves ahead and knows nothing else."""
    return _alpha_beta(4)


def alpha_beta_8() -> Agent:
    """Return an agent that searches 8 moves ahead and knows nothing else."""
    return _alpha_beta(8)


def _alpha_beta(depth: int) -> Agent:
    searches: list[Search] = []

    def act(observation: Mapping[str, Any], configuration: Mapping[str, Any]) -> int:
        if not searches:
            # Compiling takes longer than a whole game at this depth.
            options: dict[str, Any] = {"weights": NO_WEIGHTS, "compiled": False, "table_bits": 16}
            seed = random.getrandbits(32)
            searches.append(make_search(configuration, depth=depth, seed=seed, **options))
        return searches[0](observation, configuration)

    return act
