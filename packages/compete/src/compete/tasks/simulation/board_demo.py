"""The games that visitors can play against the agent, and the settings of their pages.

The rules and the search of a game are scripts in `compete/export/web`. The tests compare them with
Kaggle's environment and with the search in Python.
"""

from collections.abc import Callable, Mapping
from typing import Any

from compete.export.demo import Demo
from compete.simulation_contract import SimulationContract
from compete.tasks.simulation.search.connectx import DECIDED, WEIGHTS, WIN, Search

_SECONDS = 0.5  # per move, during which the page does not respond
MakeDemo = Callable[[SimulationContract, str, float], Demo]


def make_demo(contract: SimulationContract) -> MakeDemo | None:
    """Return the function that describes the page of a game, None if there is no page for it."""
    return _DEMOS.get(contract.environment) if contract.kind == "kaggle" else None


def _connectx(contract: SimulationContract, play: str, time_share: float) -> Demo:
    """Return the page of ConnectX.

    Args:
        contract: of the competition.
        play: how the submitted agent chooses its moves, `search` or `argmax`.
        time_share: of the time for a move that its search may take.
    """
    configuration = contract.configuration
    size = {key: int(configuration[key]) for key in ("rows", "columns", "inarow")}
    spec: dict[str, Any] = size | {"search": None, "note": "This is how the submitted agent plays."}
    rows, columns, inarow = size.values()
    limits = [
        f"It plays on this board only: {rows} rows, {columns} columns, {inarow} in a row.",
        "The value is an estimate of the network.",
    ]
    if play == "search":
        allowed = time_share * (contract.act_timeout or _SECONDS)
        seconds = min(allowed, _SECONDS)
        spec |= {
            "search": _search(seconds),
            "note": f"The submitted agent runs the same search as compiled code for {allowed:g} s "
            f"per move. This page runs it in JavaScript for {seconds:g} s, so it evaluates fewer "
            "positions.",
        }
        limits.append("Without the search, it is not the agent that was submitted.")
    return Demo(
        "simulation", spec, _positions(size), limits, scripts=("connectx.js", "connectx_search.js")
    )


def _search(seconds: float) -> dict[str, Any]:
    """Return what connectx_search.js takes from the Python module."""
    defaults = Search.__init__.__kwdefaults__ or {}
    return {
        "weights": list(WEIGHTS),
        "win": WIN,
        "decided": DECIDED,
        "tableSize": (1 << defaults["table_bits"]) - 1,
        "valueWeight": defaults["value_weight"],
        "milliseconds": 1000 * seconds,
    }


def _positions(size: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return positions with the agent to move, as the columns that were played."""
    middle, least = size["columns"] // 2, size["inarow"] - 1
    found: list[dict[str, Any]] = []
    if size["rows"] > least and middle > 1:
        # Above each other in the middle: the visitor's stones, and the agent's.
        sides = [stone % 2 for stone in range(least)]
        theirs = [move for side in sides for move in (middle, side)][:-1]
        found.append({"name": f"You threaten {size['inarow']} in a row", "moves": theirs})
        own = [move for side in sides for move in (side, middle)] + [sides[least - 1] ^ 1]
        found.append({"name": "It can win at once", "moves": own})
    return [*found, {"name": "The agent begins", "moves": []}]


_DEMOS: dict[str, MakeDemo] = {"connectx": _connectx}
