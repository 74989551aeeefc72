"""The page on which a visitor plays against the agent: by Kaggle's rules, as Python plays."""

import json
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from authors import params_of
from axe_playwright_python.sync_playwright import Axe
from connectx_positions import random_positions
from demo_page import open_demo, serve
from playwright.sync_api import Browser, Page
from samples import write
from simulation_project import make_contract
from small import read_params
from typer.testing import CliRunner

from compete.cli import app
from compete.errors import Fault
from compete.export.record import DEMO, Exported
from compete.export.runtime import WEB
from compete.portfolio.leak_check import check
from compete.simulation_contract import SimulationContract
from compete.tasks.simulation.board_demo import make_demo
from compete.tasks.simulation.export import export
from compete.tasks.simulation.official import make_environment
from compete.tasks.simulation.prepare import prepare
from compete.tasks.simulation.search.connectx import Board, Search, view
from compete.tasks.simulation.submission import AgentWriter
from compete.tasks.simulation.train import train
from compete.training.config import load_config

pytest.importorskip("onnxscript")
pytest.importorskip("kaggle_environments")
TASK = "simulation"
SMALL: dict[str, dict[str, Any]] = {
    "competition": {"slug": "connectx"},
    "data": {"environment": "connectx", "n_envs": 16, "opponents": ["random"]},
    "model": {"n_steps": 8, "batch_size": 64, "n_epochs": 1, "channels": 4, "blocks": 1},
    "trainer": {"total_timesteps": 128, "eval_freq": 128, "n_eval_episodes": 2}
    | {"device": "cpu", "logger": False, "progress_bar": False},
}
STATES = 20
SIZE = {"rows": 6, "columns": 7, "inarow": 4}
SIZES = [SIZE, {"rows": 4, "columns": 4, "inarow": 4}, {"rows": 5, "columns": 6, "inarow": 3}]
# Of each square, row by row from the top: whose stone it has, and by which move.
BOARD = """[...Array(document.querySelector('.board button').children.length).keys()].flatMap(row =>
    [...document.querySelectorAll('.board button')].map(({ children }) =>
        [children[row].classList[0] ?? '', Number(children[row].textContent)]))"""
SHOWN = "[...document.querySelectorAll('.bars data, .value data')].map(data => Number(data.value))"


@pytest.fixture(scope="module")
def exported(author: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose agent was trained for a moment and exported."""
    root = tmp_path_factory.mktemp("project")
    values = read_params(params_of(TASK))
    for name, section in SMALL.items():
        values[name] |= section
    write(root / "params.yaml", yaml.safe_dump(values))
    write(root / "members/base.yaml", "{}\n")
    with chdir(root):
        prepare()
        train(None, None, [])
        done = CliRunner().invoke(app, ["export"])
        assert done.exit_code == 0, done.output
    return root


@pytest.fixture
def within(exported: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in the project."""
    monkeypatch.chdir(exported)
    return exported


@pytest.fixture
def scripts(chrome: Browser) -> Iterator[Page]:
    """A page that has the rules and the search of ConnectX, and nothing else."""
    page = chrome.new_page()
    for name in ("connectx.js", "connectx_search.js"):
        page.add_script_tag(content=(WEB / name).read_text("utf-8"))
    yield page
    page.close()


def answered(page: Page, give: Callable[[], None]) -> str:
    """Do what the agent answers, wait for its move, and return what is told of the game."""
    give()
    page.wait_for_function("!document.querySelector('.status').textContent.includes('thinks')")
    return page.locator(".status").inner_text()


def moves_of(page: Page) -> tuple[list[int], list[str]]:
    """Return the columns that were played, and by whom."""
    board = page.evaluate(BOARD)
    order = sorted((move, place) for place, (_, move) in enumerate(board) if move)
    return [place % 7 for _, place in order], [board[place][0] for _, place in order]


def replay(moves: list[int], **configuration: int) -> Any:
    """Return Kaggle's environment after these moves."""
    game = make_environment("connectx", configuration)
    for number, column in enumerate(moves):
        game.step([column, None] if number % 2 == 0 else [None, column])
    return game


def kaggle_says(moves: list[int], players: list[str]) -> str:
    """Return what the page should tell of a game."""
    game = replay(moves)
    if not game.done:
        return "It is your turn."
    rewards = [state.reward for state in game.state]
    if rewards[0] == rewards[1]:
        return "a draw."
    return "You win!" if players[rewards.index(1)] == "you" else "The agent wins."


@pytest.mark.usefixtures("within")
def test_twenty_moves_have_the_probabilities_and_the_value_of_python(
    exported: Path, chrome: Browser
) -> None:
    contract = SimulationContract.load()
    network = AgentWriter(load_config("base"), contract).network(
        exported / "runs/base/model.safetensors"
    )
    said: list[str] = []
    page = open_demo(chrome, (exported / DEMO / "index.html").as_uri(), said, offline=True)
    page.get_by_label("Network alone").check()
    random, states, games, over = np.random.default_rng(1), 0, 0, False
    columns = page.locator(".board button[aria-disabled=false]")
    while states < STATES or games < 3:
        if over:
            games += 1
            page.get_by_label(["You", "The agent"][games % 2], exact=True).check()
            told = answered(page, page.get_by_role("button", name="Play again").click)
        else:
            told = answered(page, columns.nth(int(random.integers(columns.count()))).click)
        moves, players = moves_of(page)
        over = replay(moves).done
        assert told.endswith(kaggle_says(moves, players))
        if not players or players[-1] == "you":
            continue  # a game begins, or the visitor's move ended it
        before = replay(moves[:-1]).state[0].observation
        seen = {"board": before.board, "mark": 1 + (len(moves) - 1) % 2}
        planes, legal = view(seen, contract.configuration)
        with torch.inference_mode():
            logits, value = network(torch.from_numpy(planes[None]))
        expected = torch.where(torch.from_numpy(legal), logits[0], -torch.inf).softmax(0)
        shown = page.evaluate(SHOWN)
        assert shown == pytest.approx([*expected.tolist(), float(value)], abs=1e-3)
        assert moves[-1] == int(expected.argmax())
        states += 1
    assert said == []
    page.context.close()


@pytest.mark.parametrize("size", [(390, 844), (1366, 768)], ids=str)
def test_from_a_plain_server_it_is_played_by_keyboard_and_axe_finds_nothing_serious(
    exported: Path, chrome: Browser, size: tuple[int, int]
) -> None:
    width, height = size
    said: list[str] = []
    scheme = "light" if width < height else "dark"
    options = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    with serve(exported / DEMO) as address:
        page = open_demo(chrome, address, said, **options)
    page.get_by_label("Network alone").check()
    page.get_by_role("button", name="Column 1, empty").focus()
    page.keyboard.press("ArrowRight")
    answered(page, lambda: page.keyboard.press("Enter"))
    answered(page, lambda: page.keyboard.press("2"))
    moves, players = moves_of(page)
    assert (moves[::2], players) == ([1, 1], ["you", "agent"] * 2)
    assert page.get_by_role("button", name="Column 2, from below: you").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert serious == [], json.dumps(serious, indent=1)[:3000]
    page.get_by_label("Network and search").check()
    assert "compiled code" in page.locator("#input").inner_text()
    told = answered(page, page.get_by_role("button", name="You threaten 4 in a row").click)
    assert told.startswith("The agent plays column 4.")
    told = answered(page, page.get_by_role("button", name="It can win at once").click)
    assert told.endswith("The agent wins.")
    assert page.locator(".board .won").count() == 4
    page.get_by_role("button", name="Play again").click()
    assert moves_of(page) == ([], [])
    assert said == []
    page.context.close()


@pytest.mark.usefixtures("within")
def test_its_record_tells_how_it_was_checked_and_the_leak_check_finds_its_weights() -> None:
    record = Exported.load()
    assert record is not None
    assert (record.task, record.whole, record.checked) == ("simulation", True, 64)
    assert record.models[0].difference < 1e-4
    assert record.batch_sizes == [1, 2, 7]
    with pytest.raises(Fault, match="trained weights, as the demo has them"):
        check([DEMO / "parts/model-base-0-0.js"])


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


@pytest.mark.usefixtures("within")
@pytest.mark.parametrize(
    ("changes", "asked", "reason"),
    [
        ({}, (None, 0), "has no folds"),
        ({}, (None, None, True), "8-bit integers"),
        ({}, ("other", None), "no trained agent 'other'"),
        ({"environment": "hungry_geese", "players": [4]}, (None, None), "no demo of hungry_geese"),
        ({"environment": "ALE/Pong-v5", "kind": "gymnasium"}, (None, None), "no demo of ALE/Pong"),
    ],
)
def test_what_can_not_be_exported_is_refused(
    changes: dict[str, Any],
    asked: tuple[Any, ...],
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contract = replace(SimulationContract.load(), **changes)
    monkeypatch.setattr(SimulationContract, "load", lambda: contract)
    with pytest.raises(Fault, match=reason):
        export(*asked)
