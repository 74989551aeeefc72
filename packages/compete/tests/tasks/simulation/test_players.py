from typing import Any

import pytest

from compete.tasks.simulation.players import alpha_beta_4, tactical

SIZE = {"rows": 6, "columns": 7, "inarow": 4, "actTimeout": 2}


def view(*rows: str) -> dict[str, Any]:
    """Return what Kaggle shows the player of the stones `x`; the rows given are the lowest."""
    cells = "".join(rows).rjust(42, ".")
    board = [".xo".index(cell) for cell in cells]
    return {"board": board, "mark": 1, "remainingOverageTime": 60}


@pytest.mark.parametrize("make", [tactical, alpha_beta_4])
@pytest.mark.parametrize(
    ("rows", "good"),
    [
        (("ooo....", "xxx...."), {3}),  # wins, and does not block instead
        (("o......", "o......", "o.x.x.x"), {0}),  # blocks
    ],
)
def test_wins_and_blocks(make: Any, rows: tuple[str, ...], good: set[int]) -> None:
    agent = make()
    assert {agent(view(*rows), SIZE) for _ in range(10)} == good


@pytest.mark.parametrize("make", [tactical, alpha_beta_4])
def test_no_win_is_handed_over(make: Any) -> None:
    # A stone in column 3 would let the opponent complete the row above.
    position = view("ooo....", "xox....")
    agent = make()
    assert 3 not in {agent(position, SIZE) for _ in range(30)}


def test_tactical_plays_at_random_where_nothing_is_at_stake() -> None:
    agent = tactical()
    assert {agent(view("......."), SIZE) for _ in range(200)} == set(range(7))
