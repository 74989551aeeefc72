"""Solves ConnectX positions exactly, and counts the moves that keep the value of the game."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from compete.tasks.simulation.search.connectx import (
    NO_WEIGHTS,
    WIN,
    Board,
    Core,
    spots,
)


def result(score: int) -> int:
    """Return 1, 0 or -1: who wins by a score, the player to move, nobody, or the opponent."""
    return (score > 0) - (score < 0)


class Solver:
    """Finds what a position is worth when both play perfectly.

    The alpha-beta search of `search/connectx.py` without limit of depth, asked whether the score
    exceeds a number and so narrowing it down (Pascal Pons, http://blog.gamesolver.org).
    On one busy core, compiled, a position of 12 stones takes 20 ms, one of 8 half a second, and
    the empty board more than six minutes.

    Args:
        rows: of the board.
        columns: of the board.
        table_bits: the transposition table has 2 ** table_bits entries of 16 bytes.
        compiled: whether numba compiles it, which takes some seconds once.
    """

    def __init__(
        self, rows: int = 6, columns: int = 7, *, table_bits: int = 23, compiled: bool = True
    ) -> None:
        self.board = Board.make(rows, columns)
        self._core = Core(self.board, table_bits, NO_WEIGHTS, compiled=compiled)

    def solve(
        self, stones: int, mask: int, *, exact: bool = False, seconds: float = 1e9
    ) -> int | None:
        """Return the score of a position in which nobody has won, None if time ran out.

        Args:
            stones: of the player to move.
            mask: the stones of both.
            exact: whether to find out when the game ends; else only who wins.
            seconds: wall-clock time that may pass.

        Returns:
            `WIN - t` if the player to move wins by the t-th stone of the game, `t - WIN` if the
            opponent does, 0 for a draw. If not `exact`, a bound with the same sign.
        """
        self._core.limit(seconds)
        score = self._core.value(stones, mask, -1, 1)
        played, cells = mask.bit_count(), self.board.full.bit_count()
        if score > 0:
            low, high = max(score, WIN - cells), WIN - (played + 1)
        else:
            low, high = played + 2 - WIN, min(score, cells - WIN)
        while exact and score != 0 and low < high and not self._core.stopped:
            guess = (low + high) // 2
            score = self._core.value(stones, mask, guess, guess + 1)
            low, high = (low, score) if score <= guess else (score, high)
        if self._core.stopped:
            return None
        return low if exact and score != 0 else score

    def moves(
        self, stones: int, mask: int, *, exact: bool = False, seconds: float = 1e9
    ) -> dict[int, int | None]:
        """Return the score of each legal move, as `solve`; None where `seconds` ran out."""
        return {
            column: self._after(stones, mask, column, exact=exact, seconds=seconds)
            for column in self.board.legal(mask)
        }

    def keeps_value(
        self, stones: int, mask: int, column: int, *, seconds: float = 1e9
    ) -> tuple[int | None, bool | None]:
        """Return who wins the position (1, 0, -1), and whether it stays so after a move.

        None stands for what is not known after `seconds`.
        """
        before = self.solve(stones, mask, seconds=seconds)
        if before is None:
            return None, None
        after = self._after(stones, mask, column, exact=False, seconds=seconds)
        return result(before), None if after is None else result(after) >= result(before)

    def _after(
        self, stones: int, mask: int, column: int, *, exact: bool, seconds: float
    ) -> int | None:
        move = self.board.drop(mask, column)
        if move & spots(stones, self.board.height):
            return WIN - (mask.bit_count() + 1)
        score = self.solve(mask ^ stones, mask | move, exact=exact, seconds=seconds)
        return None if score is None else -score


@dataclass(frozen=True)
class KeptValue:
    """How many moves kept the value of the game.

    Args:
        moves: how many were looked at.
        unknown: of these, how many the solver had no time for.
        lost: how many were played in lost positions, where every move keeps the value.
        kept: how many others kept the value.
    """

    moves: int
    unknown: int
    lost: int
    kept: int

    @property
    def share(self) -> float:
        """The share of moves that kept the value, of those known; NaN without any."""
        known = self.moves - self.unknown
        return (self.kept + self.lost) / known if known else float("nan")

    @property
    def share_where_it_matters(self) -> float:
        """The same without the moves in lost positions."""
        known = self.moves - self.unknown - self.lost
        return self.kept / known if known else float("nan")


def played_moves(
    steps: Sequence[Sequence[Mapping[str, Any]]], seat: int, board: Board
) -> list[tuple[int, int, int]]:
    """Return `(stones, mask, column)` of each legal move of a player in a game.

    Args:
        steps: of Kaggle's environment after the game, or of a replay.
        seat: of the player.
        board: the size of the board.
    """
    moves = []
    for before, after in pairwise(steps):
        column = after[seat]["action"]
        if before[seat]["status"] != "ACTIVE" or not isinstance(column, int):
            continue
        stones, mask = board.read(before[0]["observation"]["board"], seat + 1)
        if 0 <= column < board.columns and board.drop(mask, column):
            moves.append((stones, mask, column))
    return moves


def count_kept(
    solver: Solver, moves: Iterable[tuple[int, int, int]], *, seconds: float = 1.0
) -> KeptValue:
    """Judge moves by the solved value of the game.

    Args:
        solver: for boards of this size.
        moves: `(stones, mask, column)` of each.
        seconds: how long to think about a position, and about a move.
    """
    verdicts = [solver.keeps_value(*move, seconds=seconds) for move in moves]
    return KeptValue(
        moves=len(verdicts),
        unknown=sum(kept is None for _, kept in verdicts),
        lost=sum(value == -1 and kept is not None for value, kept in verdicts),
        kept=sum(value != -1 and kept is True for value, kept in verdicts),
    )
