"""The scripts of the page of ConnectX: rules as Kaggle's, and the search that is submitted."""

from collections.abc import Iterator

import numpy as np
import pytest
from connectx_positions import random_positions
from playwright.sync_api import Browser, Page
from simulation_project import make_contract

from compete.export.runtime import WEB
from compete.tasks.simulation.board_demo import make_demo
from compete.tasks.simulation.official import make_environment
from compete.tasks.simulation.search.connectx import Board, Search

pytest.importorskip("kaggle_environments")
SIZE = {"rows": 6, "columns": 7, "inarow": 4}
SIZES = [SIZE, {"rows": 4, "columns": 4, "inarow": 4}, {"rows": 5, "columns": 6, "inarow": 3}]


@pytest.fixture
def scripts(chrome: Browser) -> Iterator[Page]:
    """A page that has the rules and the search of ConnectX, and nothing else."""
    page = chrome.new_page()
    for name in ("connectx.js", "connectx_search.js"):
        page.add_script_tag(content=(WEB / name).read_text("utf-8"))
    yield page
    page.close()


def test_rules_are_kaggles_in_random_games(scripts: Page) -> None:
    random, results = np.random.default_rng(0), []
    for number in range(15):
        sizes = SIZES[number % 3]
        game, moves, boards = make_environment("connectx", sizes), [], []
        while not game.done:
            board = game.state[0].observation.board
            legal = [column for column in range(sizes["columns"]) if board[column] == 0]
            boards.append([list(board), legal, False, 0])
            moves.append(int(random.choice(legal)))
            mover = len(boards) % 2
            game.step([moves[-1], None] if mover else [None, moves[-1]])
        rewards = [state.reward for state in game.state]
        winner = rewards.index(1) + 1 if 1 in rewards else 0
        last = list(game.state[0].observation.board)
        results.append(winner)
        boards.append([last, [c for c in range(sizes["columns"]) if last[c] == 0], True, winner])
        played = scripts.evaluate(
            """([size, moves]) => {
                let cells = Array(size.rows * size.columns).fill(0);
                const state = () => {
                    const { over, winner } = outcome(size, cells);
                    return [cells, legalColumns(size, cells), over, winner];
                };
                const play = column => (cells = drop(size, cells, column), state());
                return [state(), ...moves.map(play)];
            }""",
            [sizes, moves],
        )
        assert played == boards
    assert set(results) == {0, 1, 2}


@pytest.mark.parametrize("sizes", [SIZE, {"rows": 4, "columns": 5, "inarow": 4}], ids=str)
def test_the_search_finds_what_that_of_the_submission_finds(
    scripts: Page, sizes: dict[str, int]
) -> None:
    make = make_demo(make_contract(configuration=sizes))
    assert make is not None
    spec = make(make_contract(), "search", 0.5).spec["search"]
    spec["tableSize"] = (1 << 18) - 1  # Python's, when it is not compiled
    rows, columns, _ = sizes.values()
    board, random = Board.make(rows, columns), np.random.default_rng(2)
    weights = random.normal(size=(2 * rows * columns, columns + 1))

    def evaluate(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = planes.reshape(len(planes), -1) @ weights
        return found[:, :-1], np.tanh(found[:, -1])

    for stones, mask in random_positions(board, 16, seed=3):
        mark = 1 + mask.bit_count() % 2
        ours, theirs = board.planes(stones, mask).astype(int)
        cells = (ours * mark + theirs * (3 - mark)).ravel().tolist()
        after = {c: board.planes(mask ^ stones, mask | board.drop(mask, c)) for c in range(columns)}
        _, values = evaluate(np.stack([*after.values()]))
        logits = evaluate(board.planes(stones, mask)[None])[0][0]
        advice = {"logits": logits.tolist(), "afterwards": values.tolist(), "depth": 5}
        same = scripts.evaluate(
            "([size, spec, ...position]) => new Search(size, spec).find(...position)",
            [sizes, spec, cells, mark, advice],
        )
        search = Search(rows, columns, evaluate=evaluate, compiled=False, depth=5)
        search.forget()
        assert same == search.find(stones, mask)._asdict()


def test_the_page_has_a_search_only_if_the_submitted_agent_has_one() -> None:
    contract = make_contract(act_timeout=2.0)
    make = make_demo(contract)
    assert make is not None
    assert make(contract, "argmax", 0.5).spec["search"] is None
    assert make(contract, "search", 0.5).spec["search"]["milliseconds"] == 500
    assert make(contract, "search", 0.1).spec["search"]["milliseconds"] == 200
