"""Random positions of ConnectX, and what plain minimax says of those on a small board."""

from functools import cache

import numpy as np

from compete.tasks.simulation.search.connectx import WIN, Board, has_four

SMALL = Board.make(4, 4)


@cache
def minimax(stones: int, mask: int, board: Board = SMALL) -> int:
    """Return the score for the player to move, by trying everything.

    Args:
        stones: of the player to move.
        mask: the stones of both.
        board: its size.
    """
    played = mask.bit_count()
    if has_four(mask ^ stones, board.height):
        return played - WIN
    scores = [
        -minimax(mask ^ stones, mask | board.drop(mask, column), board)
        for column in board.legal(mask)
    ]
    return max(scores, default=0)


def random_positions(board: Board, count: int, seed: int = 0) -> list[tuple[int, int]]:
    """Return positions in which nobody has won and a square is free.

    Args:
        board: its size.
        count: how many.
        seed: of the generator.
    """
    rng = np.random.default_rng(seed)
    found: list[tuple[int, int]] = []
    while len(found) < count:
        stones = mask = 0
        for _ in range(rng.integers(board.rows * board.columns)):
            column = int(rng.choice(board.legal(mask)))
            stones, mask = mask ^ stones, mask | board.drop(mask, column)
        # Games that were won on the way are still won for one of both.
        if not has_four(stones, board.height) and not has_four(mask ^ stones, board.height):
            found.append((stones, mask))
    return found
