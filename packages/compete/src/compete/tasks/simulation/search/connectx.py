"""Search ConnectX by alpha-beta on bitboards. A submission ships this file unchanged.

It imports numpy, and numba if that can be imported; without numba the same functions run as plain
Python, about a hundred times slower. A position is two integers, `stones` of the player to move and
`mask` of both; square `row` (from the bottom) of `column` is bit `column * (rows + 1) + row`, and
the bit above each column stays empty. Bitboards of 63 bits fit a signed integer, so that one
expression serves Python's int, numba's int64 and NumPy's arrays.

The ideas are textbook: negamax with alpha-beta, principal variation search, a transposition table,
iterative deepening (https://www.chessprogramming.org), and for this game the bitboards and the
pruning of moves that lose at once (Pascal Pons, http://blog.gamesolver.org).
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

WIN = 10_000  # a win by the t-th stone of the game is worth WIN - t, a loss -(WIN - t)
DECIDED = WIN - 64  # a score at least this far from 0 is proven
# What a leaf is worth to the player who began: squares that would complete four, of the first
# player's in odd rows (counted from 1) and in even ones, of the second player's in odd and in even
# rows, and each stone in the middle column. Fitted by logistic regression to 6,852 positions of 12
# to 25 stones that the solver had solved: the first player's odd threats decide games.
WEIGHTS = (31, 5, -19, -24, 10)
NO_WEIGHTS = (0,) * len(WEIGHTS)

# The layout of `memory`, a flat array of integers that the search works on.
_NODES, _NODE_LIMIT, _DEADLINE, _STOPPED = range(4)
_HEIGHT, _COLUMNS, _BOTTOM, _FULL, _ODD, _MIDDLE, _CELLS, _SIZE, _WEIGHT = range(4, 13)
_MOVES = 32  # up to 16 moves for each number of stones on the board, then their scores
_TABLE = _MOVES + 64 * 32
_EXACT, _LOWER, _UPPER = 1, 2, 3

Memory = list[int]  # when compiled, an int64 array
Evaluate = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


class Board(NamedTuple):
    """The geometry of a board: masks of its bottom row, all its squares, odd rows, the middle."""

    rows: int
    columns: int
    height: int
    bottom: int
    full: int
    odd: int
    middle: int

    @classmethod
    def make(cls, rows: int = 6, columns: int = 7) -> "Board":
        """Return the board of this size. Raise `ValueError` if it does not fit 63 bits."""
        height = rows + 1
        if not (rows >= 1 and 1 <= columns <= 16 and height * columns <= 63):
            raise ValueError(f"a board of {rows} x {columns} does not fit 63 bits and 16 columns")
        bottom = sum(1 << column * height for column in range(columns))
        odd = sum(bottom << row for row in range(0, rows, 2))
        middle = ((1 << rows) - 1) << columns // 2 * height
        return cls(rows, columns, height, bottom, bottom * ((1 << rows) - 1), odd, middle)

    def read(self, cells: Sequence[int], mark: int) -> tuple[int, int]:
        """Return `(stones, mask)` of Kaggle's board, its rows from the top, for player `mark`."""
        stones = mask = 0
        for place, cell in enumerate(cells):
            row, column = divmod(place, self.columns)
            bit = 1 << column * self.height + self.rows - 1 - row
            mask |= bit * (cell != 0)
            stones |= bit * (cell == mark)
        return stones, mask

    def drop(self, mask: int, column: int) -> int:
        """Return the bit of the square where a stone in `column` lands, 0 if it is full."""
        below = ((1 << self.height - 1) - 1) << column * self.height
        return (mask + (1 << column * self.height)) & below

    def legal(self, mask: int) -> list[int]:
        """Return the columns that are not full, those in the centre first."""
        order = sorted(range(self.columns), key=lambda c: abs(2 * c + 1 - self.columns))
        return [column for column in order if self.drop(mask, column)]

    def planes(self, stones: int, mask: int) -> np.ndarray:
        """Return `(2, rows, columns)` float32: stones of the player to move, of the opponent."""
        squares = np.arange(self.rows)[::-1, None] + np.arange(self.columns) * self.height
        boards = np.array([stones, mask ^ stones])[:, None, None]
        return np.asarray(boards >> squares & 1, np.float32)


def has_four(stones: Any, height: Any) -> Any:
    """Return whether (or, for an array, which of) `stones` hold four in a row: not 0 if so."""
    found = stones & 0
    for step in (1, height - 1, height, height + 1):
        pairs = stones & stones >> step
        found = found | pairs & pairs >> 2 * step
    return found


def spots(stones: int, height: int) -> int:
    """Return the squares that complete four of `stones`, also squares that are taken or outside."""
    found = stones << 1 & stones << 2 & stones << 3
    for step in (height - 1, height, height + 1):
        pair = stones << step & stones << 2 * step
        found |= pair & (stones << 3 * step | stones >> step)
        pair = stones >> step & stones >> 2 * step
        found |= pair & (stones >> 3 * step | stones << step)
    return found


def _count(bits: int) -> int:
    count = 0
    while bits:
        bits &= bits - 1
        count += 1
    return count


def _evaluate(stones: int, mask: int, played: int, memory: Memory) -> int:
    """Return what `WEIGHTS` make of an undecided position, for the player to move."""
    first, second = (stones, mask ^ stones) if played % 2 == 0 else (mask ^ stones, stones)
    empty = memory[_FULL] ^ mask
    threats = spots(first, memory[_HEIGHT]) & empty
    answers = spots(second, memory[_HEIGHT]) & empty
    odd, middle = memory[_ODD], memory[_MIDDLE]
    score = (
        memory[_WEIGHT] * _count(threats & odd)
        + memory[_WEIGHT + 1] * _count(threats & ~odd)
        + memory[_WEIGHT + 2] * _count(answers & odd)
        + memory[_WEIGHT + 3] * _count(answers & ~odd)
        + memory[_WEIGHT + 4] * (_count(first & middle) - _count(second & middle))
    )
    return score if played % 2 == 0 else -score


def _now() -> int:
    return time.perf_counter_ns()


def _negamax(
    stones: int, mask: int, played: int, alpha: int, beta: int, depth: int, memory: Memory
) -> int:
    """Return the score for the player to move, who must not be able to win at once.

    A score outside `(alpha, beta)` is a bound. Meaningless once `memory[_STOPPED]` is set.
    """
    memory[_NODES] += 1
    if memory[_NODES] % 1024 == 0 and (
        memory[_NODES] > memory[_NODE_LIMIT] or _now() > memory[_DEADLINE]
    ):
        memory[_STOPPED] = 1
    if memory[_STOPPED]:
        return 0
    height, full = memory[_HEIGHT], memory[_FULL]
    left = memory[_CELLS] - played
    danger = spots(mask ^ stones, height) & (full ^ mask)
    moves = (mask + memory[_BOTTOM]) & full
    forced = moves & danger
    if forced:
        if forced & (forced - 1):
            return played + 2 - WIN
        moves = forced
        depth += 1  # the only move costs no depth
    moves &= ~(danger >> 1)  # a stone below a square where the opponent wins
    if left == 0:
        return 0
    if not moves:
        return played + 2 - WIN
    if left <= 2:
        return 0
    beta = min(beta, WIN - (played + 3))
    alpha = max(alpha, played + 4 - WIN)
    if alpha >= beta:
        return alpha
    if depth <= 0:
        return _evaluate(stones, mask, played, memory)
    depth = min(depth, left)

    place = _TABLE + 2 * ((stones + mask) % memory[_SIZE])
    best_column = -1
    if memory[place] == stones + mask:
        entry = memory[place + 1]
        kind, best_column, value = entry & 3, entry >> 2 & 15, (entry >> 12) - 2 * WIN
        deep = (entry >> 6 & 63) >= depth  # what is proven holds at any depth
        if kind == _EXACT and (deep or value >= DECIDED or value <= -DECIDED):
            return value
        if kind == _LOWER and value >= beta and (deep or value >= DECIDED):
            return value
        if kind == _UPPER and value <= alpha and (deep or value <= -DECIDED):
            return value

    # Sort the moves: the table's, then by threats made, then from the centre outwards.
    count, base, columns = 0, _MOVES + 32 * played, memory[_COLUMNS]
    for turn in range(columns):
        column = columns // 2 + (1 - 2 * (turn % 2)) * ((turn + 1) // 2)
        move = moves & ((1 << height) - 1) << column * height
        if not move:
            continue
        rank = 0
        if column == best_column:
            rank = 1000
        elif depth > 1:
            rank = _count(spots(stones | move, height) & (full ^ mask))
        index = base + count
        while index > base and memory[index + 15] < rank:
            memory[index] = memory[index - 1]
            memory[index + 16] = memory[index + 15]
            index -= 1
        memory[index] = column
        memory[index + 16] = rank
        count += 1

    best, kind = -2 * WIN, _UPPER
    for index in range(base, base + count):
        column = memory[index]
        after = mask | moves & ((1 << height) - 1) << column * height
        low = -beta if index == base else -alpha - 1
        value = -_negamax(mask ^ stones, after, played + 1, low, -alpha, depth - 1, memory)
        if index > base and alpha < value < beta:
            value = -_negamax(mask ^ stones, after, played + 1, -beta, -alpha, depth - 1, memory)
        if memory[_STOPPED]:
            return 0
        if value > best:
            best, best_column = value, column
        if best > alpha:
            alpha, kind = best, _EXACT
        if alpha >= beta:
            kind = _LOWER
            break
    memory[place] = stones + mask
    memory[place + 1] = (best + 2 * WIN) << 12 | depth << 6 | best_column << 2 | kind
    return best


def _value(
    stones: int, mask: int, played: int, alpha: int, beta: int, depth: int, memory: Memory
) -> int:
    """Return the score of any position for the player to move, within `(alpha, beta)`."""
    moves = (mask + memory[_BOTTOM]) & memory[_FULL]
    if moves & spots(stones, memory[_HEIGHT]):
        return WIN - (played + 1)
    return _negamax(stones, mask, played, alpha, beta, depth, memory)


def _compile() -> dict[str, Any]:
    """Return the functions of the search, ready to be compiled by numba when first called."""
    import numba  # a second's work, which only this needs

    compiled = dict(globals())

    def now() -> int:
        with numba.objmode(nanoseconds="int64"):
            nanoseconds = time.perf_counter_ns()
        return nanoseconds

    compiled["_now"] = numba.njit(now)
    for name in ("spots", "_count", "_evaluate", "_negamax", "_value"):
        function = FunctionType(globals()[name].__code__, compiled, name)
        compiled[name] = numba.njit(function)
    return compiled


class Core:
    """The search's functions with their memory: compiled by numba, or plain Python.

    Args:
        board: the size of the board.
        table_bits: the transposition table has 2 ** table_bits entries of 16 bytes.
        weights: of the evaluation, as `WEIGHTS`.
        compiled: whether numba compiles it; the first call then takes some seconds.
    """

    _compiled: dict[str, Any] | None = None

    def __init__(
        self, board: Board, table_bits: int, weights: Sequence[int], *, compiled: bool
    ) -> None:
        self.board = board
        size = (1 << table_bits) - 1  # odd, so that all bits of a position choose its place
        words = _TABLE + 2 * size
        self.memory: Any = np.zeros(words, np.int64) if compiled else [0] * words
        header = (
            *(board.height, board.columns, board.bottom, board.full, board.odd, board.middle),
            *(board.rows * board.columns, size, *weights),
        )
        for place, value in enumerate(header, _HEIGHT):
            self.memory[place] = value
        if compiled and Core._compiled is None:
            Core._compiled = _compile()
        self._function = (Core._compiled or {})["_value"] if compiled else _value

    @property
    def nodes(self) -> int:
        """How many positions were searched since the last `limit`."""
        return int(self.memory[_NODES])

    @property
    def stopped(self) -> bool:
        """Whether a limit ended the search: what `value` returned then means nothing."""
        return bool(self.memory[_STOPPED])

    def forget(self) -> None:
        """Empty the transposition table, so that earlier searches change nothing."""
        empty = len(self.memory) - _TABLE
        self.memory[_TABLE:] = 0 if isinstance(self.memory, np.ndarray) else [0] * empty

    def limit(self, seconds: float = 1e9, nodes: int = 1 << 62) -> None:
        """Let the searches to come take at most so long from now, all together."""
        self.memory[_NODES] = self.memory[_STOPPED] = 0
        self.memory[_NODE_LIMIT] = nodes
        self.memory[_DEADLINE] = _now() + int(seconds * 1e9)

    def value(self, stones: int, mask: int, alpha: int, beta: int, depth: int = 63) -> int:
        """Return the score for the player to move; outside `(alpha, beta)` it is a bound."""
        played = mask.bit_count()
        return int(self._function(stones, mask, played, alpha, beta, depth, self.memory))


class Found(NamedTuple):
    """What a search found.

    Args:
        column: the move to play.
        score: for the player to move; proven if at least `DECIDED` away from 0.
        depth: the depth searched to its end.
        nodes: how many positions were searched.
    """

    column: int
    score: int
    depth: int
    nodes: int


class Search:
    """Chooses moves by iterative deepening within a time limit; an agent for Kaggle.

    Args:
        rows: of the board.
        columns: of the board.
        evaluate: a learned network: `(n, 2, rows, columns)` planes of positions, from the view
            of the player to move, to policy logits `(n, columns)` and values `(n,)` in [-1, 1].
            It is called once a move, for the position and those after each move.
        value_weight: what a value of 1 adds to the score of a move that is not decided.
        weights: of the evaluation of leaves.
        table_bits: the transposition table has 2 ** table_bits entries of 16 bytes.
        compiled: whether numba compiles it, where it can.
        depth: the greatest depth.
        time_share: how much of `actTimeout` a move may take.
        seed: if given, the order in which equally good moves are preferred varies by chance; else
            the one nearest to the centre is played.
    """

    # Compilation takes about 3 s here and may take 10 on Kaggle, out of 60 s of overage.
    _OVERAGE_TO_COMPILE = 30

    def __init__(
        self,
        rows: int = 6,
        columns: int = 7,
        *,
        evaluate: Evaluate | None = None,
        value_weight: float = 20,
        weights: Sequence[int] = WEIGHTS,
        table_bits: int = 21,
        compiled: bool = True,
        depth: int = 63,
        time_share: float = 0.5,
        seed: int | None = None,
    ) -> None:
        self.board = Board.make(rows, columns)
        self._evaluate, self._value_weight = evaluate, value_weight
        self._weights, self._table_bits = weights, table_bits
        self._depth, self._time_share, self._compiled = depth, time_share, compiled
        self.random = None if seed is None else np.random.default_rng(seed)
        self._core: Core | None = None

    def warm_up(self) -> Core:
        """Return the search's functions, compiled and run once if that was not done."""
        if self._core is None and self._compiled:
            try:
                self._core = self._make_core(self._table_bits)
            except Exception as error:  # no numba, or one that fails on this machine
                print(f"The search is not compiled: {error!r}", file=sys.stderr)
                self._compiled = False
        if self._core is None:
            self._core = self._make_core(min(self._table_bits, 18))
        return self._core

    def _make_core(self, table_bits: int) -> Core:
        core = Core(self.board, table_bits, self._weights, compiled=self._compiled)
        core.limit()
        core.value(0, 0, -WIN, WIN, 2)
        return core

    def forget(self) -> None:
        """Forget what earlier searches found."""
        self.warm_up().forget()

    def __call__(self, observation: Mapping[str, Any], configuration: Mapping[str, Any]) -> int:
        """Return the column to play, as Kaggle asks an agent.

        Args:
            observation: Kaggle's `board`, `mark` and `remainingOverageTime`.
            configuration: Kaggle's `actTimeout`.
        """
        start = time.perf_counter()
        stones, mask = self.board.read(observation["board"], observation["mark"])
        if self._core is None and observation["remainingOverageTime"] < self._OVERAGE_TO_COMPILE:
            self._compiled = False
        self.warm_up()
        seconds = self._time_share * configuration["actTimeout"]
        seconds = max(seconds - (time.perf_counter() - start), seconds / 4)
        return self.find(stones, mask, seconds=seconds).column

    def find(self, stones: int, mask: int, *, seconds: float = 1e9, nodes: int = 1 << 62) -> Found:
        """Return the best move within so many seconds and positions.

        Args:
            stones: of the player to move.
            mask: the stones of both.
            seconds: wall-clock time that may pass.
            nodes: how many positions may be searched.
        """
        core, theirs, played = self.warm_up(), mask ^ stones, mask.bit_count()
        core.limit(seconds, nodes)
        wins, threats = (spots(own, self.board.height) for own in (stones, theirs))
        columns = self.board.legal(mask)
        for column in columns:
            if self.board.drop(mask, column) & wins:
                return Found(column, WIN - played - 1, 1, 0)
        # Where the opponent would win, nothing else comes into question.
        columns = [c for c in columns if self.board.drop(mask, c) & threats] or columns
        columns, bonus = self._order(stones, mask, columns)
        found = Found(columns[0], 0, 0, 0)
        for depth in range(1, min(self._depth, self.board.full.bit_count() - played) + 1):
            best = self._best_move(core, theirs, mask, columns, bonus, depth)
            if best:
                found = Found(*best, depth - core.stopped, 0)
                columns.remove(found.column)
                columns.insert(0, found.column)
            if core.stopped or abs(found.score) >= DECIDED or len(columns) == 1:
                break
        return found._replace(nodes=core.nodes)

    def _best_move(
        self,
        core: Core,
        theirs: int,
        mask: int,
        columns: list[int],
        bonus: dict[int, int],
        depth: int,
    ) -> tuple[int, int] | None:
        """Return the best move, of those searched before a limit, and its score."""
        best = None
        alpha = -WIN
        for column in columns:
            after = mask | self.board.drop(mask, column)
            # What the score must exceed before its bonus; a proven score gets none.
            floor = alpha if abs(alpha) >= DECIDED else alpha - bonus[column]
            score = -core.value(theirs, after, -floor - 1 if best else -WIN, -floor, depth - 1)
            if best and score > floor and not core.stopped:
                score = -core.value(theirs, after, -WIN, -floor, depth - 1)
            if core.stopped:
                break
            if abs(score) < DECIDED:
                score += bonus[column]
            if best is None or score > alpha:
                best, alpha = (column, score), score
        return best

    def _order(
        self, stones: int, mask: int, columns: list[int]
    ) -> tuple[list[int], dict[int, int]]:
        """Return the moves, the network's favourite first, and what its value adds to each."""
        if self.random is not None:
            places = np.argsort(np.arange(len(columns)) + self.random.uniform(0, 3, len(columns)))
            columns = [columns[place] for place in places]
        if self._evaluate is None:
            return columns, dict.fromkeys(columns, 0)
        after = [
            self.board.planes(mask ^ stones, mask | self.board.drop(mask, column))
            for column in columns
        ]
        logits, values = self._evaluate(np.stack([self.board.planes(stones, mask), *after]))
        if not (np.isfinite(logits).all() and np.isfinite(values).all()):
            return columns, dict.fromkeys(columns, 0)  # a broken network must not lose the game
        scores = (round(-self._value_weight * float(value)) for value in values[1:])
        bonus = dict(zip(columns, scores, strict=True))
        return sorted(columns, key=lambda column: -logits[0][column]), bonus


def make_search(
    configuration: Mapping[str, Any], evaluate: Evaluate | None = None, **options: Any
) -> Search:
    """Return an agent that searches.

    Args:
        configuration: Kaggle's `rows` and `columns`.
        evaluate: the network, as `Search` takes it.
        options: of `Search`.
    """
    return Search(configuration["rows"], configuration["columns"], evaluate=evaluate, **options)


def view(
    observation: Mapping[str, Any], configuration: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Return what a network sees of a position, `(2, rows, columns)`, and which moves are legal.

    Args:
        observation: Kaggle's `board` and `mark`.
        configuration: Kaggle's `rows` and `columns`.
    """
    board = Board.make(configuration["rows"], configuration["columns"])
    stones, mask = board.read(observation["board"], observation["mark"])
    legal = np.array([board.drop(mask, column) != 0 for column in range(board.columns)])
    return board.planes(stones, mask), legal
