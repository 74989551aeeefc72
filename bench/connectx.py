"""Sets the engine's ConnectX beside Kaggle's own: the same games, and steps a second."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from bench.official_connectx import OfficialConnectX
from bench.tables import as_table
from compete.tasks.simulation.games.connectx import ConnectX
from compete.tasks.simulation.official import make_environment

_BOARDS = 4096
_ILLEGAL = 0.002  # so often a move is any number from -1 to 7


@dataclass(frozen=True)
class Compared:
    """What was found.

    Args:
        games: how many were played by both.
        steps: of these games.
        outcomes: how many the player who moved last won, drew and lost by an illegal move.
        different: games in which a step led to another outcome.
        speeds: steps a second, by what was measured, three values each.
    """

    games: int
    steps: int
    outcomes: dict[str, int]
    different: int
    speeds: dict[str, list[float]]


def compare_connectx(*, quick: bool) -> Compared:
    """Play random games in both, and measure both.

    Args:
        quick: few games and a short time.
    """
    games = 200 if quick else 10_000
    steps, outcomes, different = _same_games(games)
    seconds = 0.2 if quick else 3.0
    ways: dict[str, Callable[[float], float]] = {
        "`env.step` of kaggle-environments": _official,
        "its interpreter, called directly": _interpreter,
        f"ours, {_BOARDS:,} boards": partial(_ours, observe=False),
        "ours, with legal moves and observations for a network": partial(_ours, observe=True),
    }
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(3):
        for name, way in ways.items():  # in turn: what else runs disturbs all alike
            speeds[name].append(way(seconds))
    return Compared(games, steps, outcomes, different, speeds)


def _same_games(games: int) -> tuple[int, dict[str, int], int]:
    rng = np.random.default_rng(0)
    ours, official = ConnectX(games), OfficialConnectX()
    moves, rewards, dones = [], [], []
    while not ours.done.all():
        actions = _random_moves(ours, rng)
        wild = rng.random(games) < _ILLEGAL
        actions = np.where(wild, rng.integers(-1, ours.actions + 1, games), actions)
        outcome = ours.step(actions)
        moves.append(actions)
        rewards.append(outcome.reward)
        dones.append(outcome.done)
    steps = different = 0
    outcomes = {"won": 0, "drawn": 0, "lost": 0}
    for game in range(games):
        official.reset()
        for actions, reward, done in zip(moves, rewards, dones, strict=True):
            steps += 1
            expected = official.step(int(actions[game]))
            if expected != (done[game], reward[game]):
                different += 1
                break
            if expected[0]:
                outcomes[("drawn", "won", "lost")[expected[1]]] += 1
                break
    return steps, outcomes, different


def _random_moves(game: ConnectX, rng: np.random.Generator) -> np.ndarray:
    """Return a random legal move for each board."""
    moves: np.ndarray = np.argmax(rng.random((game.n, game.actions)) * game.legal(), axis=1)
    return moves


def _ours(seconds: float, *, observe: bool) -> float:
    game = ConnectX(_BOARDS)
    # Moves are drawn beforehand, for us as for Kaggle's: a full column ends the game, in both.
    moves = np.random.default_rng(0).integers(0, game.actions, (97, _BOARDS))
    steps, start = 0, time.perf_counter()
    while (taken := time.perf_counter() - start) < seconds:
        done = game.step(moves[steps // _BOARDS % len(moves)]).done
        game.reset(done)
        if observe:
            game.legal()
            game.observe()
        steps += _BOARDS
    return steps / taken


def _official(seconds: float) -> float:
    env = make_environment("connectx")
    moves = np.random.default_rng(0).integers(0, 7, 9973).tolist()
    steps, start = 0, time.perf_counter()
    while (taken := time.perf_counter() - start) < seconds:
        if env.done:
            env.reset()
        actions = [None, None]
        actions[0 if env.state[0].status == "ACTIVE" else 1] = moves[steps % len(moves)]
        env.step(actions)
        steps += 1
    return steps / taken


def _interpreter(seconds: float) -> float:
    game = OfficialConnectX()
    moves = np.random.default_rng(0).integers(0, 7, 9973).tolist()
    steps, start = 0, time.perf_counter()
    while (taken := time.perf_counter() - start) < seconds:
        if game.step(moves[steps % len(moves)])[0]:
            game.reset()
        steps += 1
    return steps / taken


def connectx_page(compared: Compared, machine: dict[str, str], *, quick: bool) -> str:
    """Return the page as Markdown.

    Args:
        compared: what was found.
        machine: facts about where.
        quick: whether it was a short run.
    """
    base = np.median(next(iter(compared.speeds.values())))
    rows = [
        (name, *(f"{value:,.0f}" for value in (min(v), np.median(v), max(v), np.median(v) / base)))
        for name, v in compared.speeds.items()
    ]
    found = compared.outcomes
    parts = [
        "# ConnectX",
        "Generated by `python -m bench connectx`; do not edit.",
        *(["Generated with `--quick`: few games in a short time."] if quick else []),
        "## Rules",
        f"{compared.games:,} random games ({compared.steps:,} steps) were played in the engine's "
        "ConnectX, and every step was repeated in the interpreter of kaggle-environments: "
        f"{compared.different} games differ. {found['won']:,} ended with four in a row, "
        f"{found['drawn']:,} with a full board, {found['lost']:,} with an illegal move.",
        "## Steps per second",
        "Random moves, with a new game after each finished one. One process, one thread, and three "
        "alternating runs of each.",
        as_table(("", "slowest", "median", "fastest", "times `env.step`"), rows),
        "## Machine",
        as_table(("", ""), machine.items()),
    ]
    return "\n\n".join(parts) + "\n"
