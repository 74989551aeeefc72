"""ConnectX on bitboards, many boards at once, by Kaggle's rules."""

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from compete.errors import Fault
from compete.tasks.simulation.games.base import (
    Advice,
    Bools,
    Ints,
    Outcome,
    Planes,
    TwoPlayerGame,
)
from compete.tasks.simulation.search.connectx import (
    DECIDED,
    NO_WEIGHTS,
    WEIGHTS,
    Board,
    Search,
    has_four,
)

_SCALE = 100.0  # a score of the search that is not decided, where its value is tanh(1)
_ALL = 1 << 62


class ConnectX(TwoPlayerGame):
    """Four in a row on `n` boards, as `kaggle_environments.make("connectx")` plays it.

    The bitboards are laid out as in `search/connectx.py`: `stones` of the player to move and
    `mask` of both, `(n,)` int64 each.

    Args:
        n: how many boards.
        rows: of each board.
        columns: of each board.
        inarow: stones in a row that win; only 4.

    Raises:
        Fault: the board does not fit 63 bits, or another number in a row wins.
    """

    environment: ClassVar[str] = "connectx"

    def __init__(self, n: int, rows: int = 6, columns: int = 7, inarow: int = 4) -> None:
        if inarow != 4:
            raise Fault(f"ConnectX with {inarow} in a row is not supported.", "Set inarow to 4.")
        try:
            self.board = Board.make(rows, columns)
        except ValueError as error:
            raise Fault(
                f"ConnectX is not supported here: {error}.",
                "Choose at most 16 columns, and (rows + 1) x columns of at most 63.",
            ) from None
        self.n, self.actions, self.planes = n, columns, (2, rows, columns)
        self.stones = np.zeros(n, np.int64)
        self.mask = np.zeros(n, np.int64)
        self.done = np.zeros(n, np.bool_)
        height = self.board.height
        self._bottom = np.int64(1) << np.arange(columns, dtype=np.int64) * height
        self._column = self._bottom * ((1 << rows) - 1)
        # Where the bit of each square lies in the bytes of a board: rows from the top, as Kaggle's.
        self._squares = (np.arange(rows)[::-1, None] + np.arange(columns) * height).ravel()

    @override
    def reset(self, where: Bools | None = None) -> None:
        for state in (self.stones, self.mask, self.done):
            state[slice(None) if where is None else where] = 0

    @override
    def legal(self) -> Bools:
        top = self._column & ~(self._column >> 1)
        empty: Bools = (self.mask[:, None] & top) == 0
        return empty

    @override
    def step(self, actions: NDArray[Any], where: Bools | None = None) -> Outcome:
        inside = (actions >= 0) & (actions < self.actions)
        column = np.where(inside, actions, 0)
        move = (self.mask + self._bottom[column]) & self._column[column]
        running = ~self.done if where is None else ~self.done & where
        legal = inside & (move != 0)
        played = np.where(legal & running, move, 0)
        stones = self.stones | played
        self.mask |= played
        won = running & (has_four(stones, self.board.height) != 0)
        lost = running & ~legal
        self.stones = np.where(played != 0, self.mask ^ stones, self.stones)
        self.done |= won | lost | (self.mask == self.board.full)
        return Outcome(self.done.copy(), won.astype(np.int8) - lost.astype(np.int8))

    @override
    def observe(self) -> NDArray[np.float32]:
        both = np.stack([self.stones, self.mask ^ self.stones], axis=1).astype("<i8")
        bits = np.unpackbits(both.view(np.uint8), axis=1, bitorder="little")
        bits = bits.reshape(self.n, 2, 64)[:, :, self._squares]
        return bits.reshape(self.n, *self.planes).astype(np.float32)

    @override
    def to_move(self) -> NDArray[np.int8]:
        return (np.bitwise_count(self.mask) & 1).astype(np.int8)

    @override
    def search(
        self,
        where: Bools,
        *,
        depth: int | None = None,
        nodes: int | None = None,
        random: np.random.Generator | None = None,
    ) -> Advice:
        search = _search(self.board.rows, self.board.columns, depth)
        search.random = random
        stones, masks = self.stones[where].tolist(), self.mask[where].tolist()
        search.forget()
        found = [
            search.find(*board, nodes=nodes or _ALL) for board in zip(stones, masks, strict=True)
        ]
        scores = np.array([each.score for each in found], np.float32)
        values = np.where(abs(scores) >= DECIDED, np.sign(scores), np.tanh(scores / _SCALE))
        return Advice(np.array([each.column for each in found], np.int64), values)

    @override
    def mirror(self, planes: Planes, actions: Ints) -> tuple[Planes, Ints]:
        return planes[..., ::-1].copy(), self.actions - 1 - actions

    @override
    def load(
        self, index: int, observation: Mapping[str, Any], configuration: Mapping[str, Any]
    ) -> None:
        size = (configuration["rows"], configuration["columns"], configuration["inarow"])
        if size != (self.board.rows, self.board.columns, 4):
            raise Fault(
                f"Kaggle's board is {size[0]} x {size[1]} with {size[2]} in a row; "
                f"this one is {self.board.rows} x {self.board.columns} with 4.",
                "Make ConnectX of the same size.",
            )
        self.stones[index], self.mask[index] = self.board.read(
            observation["board"], observation["mark"]
        )
        theirs = self.mask[index] ^ self.stones[index]
        self.done[index] = bool(has_four(theirs, self.board.height)) or (
            self.mask[index] == self.board.full
        )


@cache
def _search(rows: int, columns: int, depth: int | None) -> Search:
    if depth is None:
        return Search(rows, columns, weights=WEIGHTS, table_bits=18)
    return Search(rows, columns, weights=NO_WEIGHTS, table_bits=12, depth=depth)
