"""How many of an agent's moves keep the solved value of the game, and which do not."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from compete.files import note
from compete.simulation_records import Mistake, MoveQuality
from compete.tasks.simulation.replays import Game
from compete.tasks.simulation.search.connectx import Board
from compete.tasks.simulation.solver import KeptValue, Solver, played_moves

_SOLVED = "connectx"  # the game that has a solver
_SECONDS = 0.5  # for a position, and for a move: from about the eighth stone on that is enough
_SHOWN = 12  # mistakes
Move = tuple[int, int, int]  # stones of the player to move, stones of both, column


def judge_moves(environment: str, games: Sequence[Game], memory: Path) -> MoveQuality | None:
    """Judge the agent's moves by the exact solver, each position once.

    Args:
        environment: the game's name.
        games: of the agent.
        memory: a file of the verdicts so far, one a line; a killed judgement goes on from it.

    Returns:
        The verdict, None where the game has no solver.
    """
    if environment != _SOLVED or not games:
        return None
    configuration = games[0].replay["configuration"]
    board = Board.make(configuration["rows"], configuration["columns"])
    moves: dict[Move, Game] = {}
    for game in games:
        for move in played_moves(_frames(game.replay), game.seat, board):
            moves.setdefault(move, game)
    known = _read(memory)
    if missing := [move for move in moves if move not in known]:
        note(f"Solving the game after {len(missing)} moves ...")
        solver = Solver(board.rows, board.columns)
        memory.parent.mkdir(parents=True, exist_ok=True)
        with memory.open("ab") as file:
            for move in missing:
                known[move] = solver.keeps_value(*move, seconds=_SECONDS)
                file.write(json.dumps([*move, *known[move]]).encode() + b"\n")
                file.flush()
    verdicts = {move: known[move] for move in moves}
    counts = KeptValue(
        moves=len(verdicts),
        unknown=sum(kept is None for _, kept in verdicts.values()),
        lost=sum(value == -1 and kept is not None for value, kept in verdicts.values()),
        kept=sum(value != -1 and kept is True for value, kept in verdicts.values()),
    )
    wrong = [(move, value) for move, (value, kept) in verdicts.items() if kept is False]
    wrong.sort(key=lambda pair: -pair[0][1].bit_count())
    return MoveQuality(
        **vars(counts),
        share=round(counts.share, 4),
        mistakes=list(_mistakes(wrong[:_SHOWN], moves, board)),
    )


def _mistakes(
    wrong: Sequence[tuple[Move, int | None]], games: dict[Move, Game], board: Board
) -> Iterator[Mistake]:
    if not wrong:
        return
    solver = Solver(board.rows, board.columns)
    for (stones, mask, column), value in wrong:
        assert value is not None
        scores = solver.moves(stones, mask, seconds=_SECONDS)
        better = [c for c, score in scores.items() if score is not None and _sign(score) >= value]
        mark = 1 + mask.bit_count() % 2
        own, other = board.planes(stones, mask).reshape(2, -1).astype(int)
        cells = [int(cell) for cell in own * mark + other * (3 - mark)]
        opponent = games[stones, mask, column].opponent
        yield Mistake(cells, mark, column, value, sorted(better), opponent)


def _sign(score: int) -> int:
    return (score > 0) - (score < 0)


def _frames(replay: dict[str, Any]) -> Sequence[Sequence[dict[str, Any]]]:
    frames: Sequence[Sequence[dict[str, Any]]] = replay["steps"]
    return frames


def _read(memory: Path) -> dict[Move, tuple[int | None, bool | None]]:
    if not memory.exists():
        return {}
    text = memory.read_bytes()
    whole = text[: text.rfind(b"\n") + 1]
    if whole != text:  # killed in the middle of a line
        os.truncate(memory, len(whole))
    lines = map(json.loads, whole.splitlines())
    return {(line[0], line[1], line[2]): (line[3], line[4]) for line in lines}
