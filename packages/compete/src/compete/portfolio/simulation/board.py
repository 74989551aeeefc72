"""Draws a board of ConnectX, and reads a game of it from a replay."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from compete.errors import Fault
from compete.simulation_records import REPLAY

_COLOURS = {1: ("#0072b2", "#fff"), 2: ("#e69f00", "#000")}  # of a stone, and of what is on it
NAMES = {1: "blue", 2: "orange"}
_DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))


@dataclass(frozen=True)
class Stone:
    """A stone on the board.

    Args:
        row: from the top, from 0.
        column: from 0.
        mark: of the player: 1 moved first.
        label: what is written on it.
        move: the number of the move that placed it; 0: it is there from the start.
        wins: it is one of the row that won the game.
    """

    row: int
    column: int
    mark: int
    label: str = ""
    move: int = 0
    wins: bool = False


@dataclass(frozen=True)
class BoardGame:
    """A game that can be shown.

    Args:
        rows: of the board.
        columns: of the board.
        stones: in the order of the moves.
        rewards: by seat, None of a player that failed.
        statuses: by seat, as Kaggle calls them.
    """

    rows: int
    columns: int
    stones: list[Stone]
    rewards: list[float | None]
    statuses: list[str]


def read_game(replay: dict[str, Any]) -> BoardGame:
    """Return the game in a replay of Kaggle's.

    Raises:
        Fault: it is no replay of ConnectX.
    """
    try:
        asked = replay["configuration"]
        rows, columns, inarow = (int(asked[key]) for key in ("rows", "columns", "inarow"))
        boards = [step[0]["observation"]["board"] for step in replay["steps"]]
        rewards, statuses = list(replay["rewards"]), [str(each) for each in replay["statuses"]]
        placed: list[tuple[int, int]] = []  # cell and mark
        for before, after in pairwise(boards):
            cells = [i for i in range(rows * columns) if before[i] != after[i]]
            placed += [(i, int(after[i])) for i in cells if after[i] in _COLOURS]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Fault(
            f"{REPLAY} is no replay of ConnectX ({type(error).__name__}: {error}).",
            "Run `compete predict` again.",
        ) from None
    won = _winning(boards[-1], rows, columns, inarow) if boards else set()
    stones = [
        Stone(*divmod(cell, columns), mark, str(move), move, cell in won)
        for move, (cell, mark) in enumerate(placed, start=1)
    ]
    return BoardGame(rows, columns, stones, rewards, statuses)


def _winning(board: Sequence[int], rows: int, columns: int, inarow: int) -> set[int]:
    """Return the cells of the rows that won."""
    won: set[int] = set()
    for cell in range(rows * columns):
        row, column = divmod(cell, columns)
        for down, right in _DIRECTIONS:
            last_row, last_column = row + down * (inarow - 1), column + right * (inarow - 1)
            if last_row >= rows or not 0 <= last_column < columns:
                continue
            line = [cell + i * (down * columns + right) for i in range(inarow)]
            if board[cell] and len({board[each] for each in line}) == 1:
                won.update(line)
    return won


def draw_board(rows: int, columns: int, stones: Sequence[Stone], text: str) -> Markup:
    """Return a board as SVG, whose stones carry the number of their move in `data-move`.

    Args:
        rows: of the board.
        columns: of the board.
        stones: on it.
        text: its text alternative.
    """
    parts = [
        Markup(
            '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">'
            '<rect width="100%" height="100%" rx="2" fill="currentColor" fill-opacity=".08"/>'
            '<g fill="none" stroke="currentColor" stroke-opacity=".35" stroke-width=".4">'
        ).format(columns * 10, rows * 10, text)
    ]
    holes = ((row, column) for row in range(rows) for column in range(columns))
    parts += [
        Markup('<circle cx="{}" cy="{}" r="4"/>').format(column * 10 + 5, row * 10 + 5)
        for row, column in holes
    ]
    parts.append(Markup('</g><g font-size="4" text-anchor="middle">'))
    parts += map(_draw_stone, stones)
    parts.append(Markup("</g></svg>"))
    return Markup().join(parts)


def _draw_stone(stone: Stone) -> Markup:
    fill, ink = _COLOURS[stone.mark]
    x, y = stone.column * 10 + 5, stone.row * 10 + 5
    ring = Markup(' stroke="currentColor" stroke-width="1"') if stone.wins else Markup()
    move = Markup(' data-move="{}"').format(stone.move) if stone.move else Markup()
    drawn = Markup('<g{}><circle cx="{}" cy="{}" r="4.2" fill="{}"{}/>').format(
        move, x, y, fill, ring
    )
    label = Markup('<text x="{}" y="{}" fill="{}">{}</text>').format(x, y + 1.4, ink, stone.label)
    return drawn + (label if stone.label else Markup()) + Markup("</g>")
