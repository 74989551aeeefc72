"""The page on which a visitor plays against the agent: by Kaggle's rules, as Python plays."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from authors import params_of
from browser_checks import assert_no_scroll_sideways, assert_no_serious_violation, window
from demo_page import open_demo, serve
from playwright.sync_api import Browser, Page
from small import write_params
from support import REPOSITORY
from typer.testing import CliRunner

from compete.cli import app
from compete.errors import Fault
from compete.export.record import DEMO, Exported
from compete.portfolio.leak_check import check
from compete.simulation_contract import SimulationContract
from compete.tasks.simulation.export import export
from compete.tasks.simulation.official import make_environment
from compete.tasks.simulation.prepare import prepare
from compete.tasks.simulation.search.connectx import view
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
# Of each square, row by row from the top: whose stone it has, and by which move.
BOARD = """[...Array(document.querySelector('.board button').children.length).keys()].flatMap(row =>
    [...document.querySelectorAll('.board button')].map(({ children }) =>
        [children[row].classList[0] ?? '', Number(children[row].textContent)]))"""
SHOWN = "[...document.querySelectorAll('.bars data, .value data')].map(data => Number(data.value))"


@pytest.fixture(scope="module")
def exported(author: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose agent was trained for a moment and exported."""
    root = tmp_path_factory.mktemp("project")
    write_params(root, params_of(TASK), SMALL)
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


def answered(page: Page, give: Callable[[], None]) -> str:
    """Do what the agent answers, wait for its move, and return what is told of the game."""
    give()
    page.wait_for_function("!document.querySelector('.status').textContent.includes('thinking')")
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
    said: list[str] = []
    with serve(exported / DEMO) as address:
        page = open_demo(chrome, address, said, **window(size))
    page.get_by_label("Network alone").check()
    page.get_by_role("button", name="Column 1, empty").focus()
    page.keyboard.press("ArrowRight")
    answered(page, lambda: page.keyboard.press("Enter"))
    answered(page, lambda: page.keyboard.press("2"))
    moves, players = moves_of(page)
    assert (moves[::2], players) == ([1, 1], ["you", "agent"] * 2)
    assert page.get_by_role("button", name="Column 2, from below: you").count() == 1
    assert_no_scroll_sideways(page)
    assert_no_serious_violation(page)
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
def test_a_picture_of_the_game_is_taken_by_a_command(exported: Path, tmp_path: Path) -> None:
    program, picture = REPOSITORY / "examples/screenshot.py", tmp_path / "game.png"
    subprocess.run([sys.executable, program, exported, picture, "--demo"], check=True)
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("within")
def test_its_record_tells_how_it_was_checked_and_the_leak_check_finds_its_weights() -> None:
    record = Exported.load()
    assert record is not None
    assert (record.task, record.whole, record.checked) == ("simulation", True, 64)
    assert record.models[0].difference < 1e-4
    assert record.batch_sizes == [1, 2, 7]
    with pytest.raises(Fault, match="trained weights in the demo"):
        check([DEMO / "parts/model-base-0-0.js"])


@pytest.mark.usefixtures("within")
@pytest.mark.parametrize(
    ("changes", "asked", "reason"),
    [
        ({}, (None, 0), "has no folds"),
        ({}, (None, None, True), "8-bit integers"),
        ({}, ("other", None), "no trained agent 'other'"),
        ({"environment": "hungry_geese", "players": [4]}, (None, None), "no demo for hungry_geese"),
        ({"environment": "ALE/Pong-v5", "kind": "gymnasium"}, (None, None), "no demo for ALE/Pong"),
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
