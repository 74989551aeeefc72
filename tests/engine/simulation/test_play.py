"""A game in the terminal, of a person or between agents, and as a page."""

import io
from pathlib import Path

import pytest
import yaml
from samples import write

from compete.errors import Fault
from compete.tasks.simulation.play import play
from compete.tasks.simulation.prepare import prepare

TASK = "simulation"
LEFT = "def agent(observation):\n    return observation.board.index(0) % 7\n"


@pytest.fixture(autouse=True)
def within(author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a prepared project, with an agent that fills columns from the left."""
    params = {"competition": {"slug": "connectx"}, "data": {"environment": "connectx"}}
    write(tmp_path / "params.yaml", yaml.safe_dump(params))
    write(tmp_path / "submissions/main.py", LEFT)
    monkeypatch.chdir(tmp_path)
    prepare()


def test_you_play_against_the_agent_and_an_illegal_move_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("9\nleft\n3\n3\n3\n3\n"))
    play(["you", "agent"], None, 0)
    told = capfd.readouterr()
    assert told.err.count("is not legal here") == 2
    assert "you: done, reward 1" in told.err
    assert "| 0 | 0 | 0 | 1 | 0 | 0 | 0 |" in told.out


def test_you_may_move_second_and_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("3\n"))
    with pytest.raises(Fault, match="not finished"):
        play(["agent", "you"], None, 0)


def test_two_agents_play_a_page(capfd: pytest.CaptureFixture[str]) -> None:
    play(["agent", "tactical"], Path("reports/game.html"), 1)
    page = Path("reports/game.html").read_text(encoding="utf-8")
    assert "<html" in page
    assert "TeamNames" in page
    assert "agent: done, reward -1" in capfd.readouterr().err


def test_wrong_players_are_refused_by_name() -> None:
    for players, told in (
        (["you"], "needs 2 players, not 1"),
        (["you", "you"], "one seat"),
        (["you", "alphazero"], "no player 'alphazero'.*negamax"),
        (["you", "gone.py"], r"no file gone\.py"),
    ):
        with pytest.raises(Fault, match=told):
            play(players, None, 0)
