"""The page of an agent shows what is in the records, and nothing else."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from pages import HOSTILE
from simulation_project import (
    FILE,
    MOVES,
    finish_gymnasium,
    finish_project,
    make_contract,
    make_judgement,
    make_run,
    play,
    save_run,
    write_report,
)

from compete.errors import Fault
from compete.files import write_json
from compete.portfolio.card import Card
from compete.portfolio.simulation.board import read_game
from compete.simulation_records import REPLAY, RatedGames
from compete.submission_records import LedgerEntry

pytest.importorskip("kaggle_environments")


@pytest.fixture
def entry(folder: Path) -> LedgerEntry:
    """A finished project to work in: the entry of its submission."""
    return finish_project()


def test_the_numbers_are_those_of_the_records(entry: LedgerEntry) -> None:
    page = write_report(entry)
    assert page.numbers == pytest.approx(
        {
            "rating": 1040.25,
            "rank": 3,
            "percentile": 15,
            "games": 60,
            "elo": 812.25,
            "elo-low": 700.5,
            "elo-high": 930.75,
            "kept-value": 93.75,
            "known-moves": 320,
            "lost-positions": 20,
            "unknown-moves": 80,
            "timed-moves": 512,
            "seconds-mean": 0.875,
            "seconds-slowest": 1.25,
            "seconds-first": 12.5,
            "overage": 10.75,
            "parameters": 54_321,
            "megabytes": 1.234567,
            "steps": 200_000,
            "minutes": 100 / 60,
        }
    )
    for words in (
        "agent (the diamond) ranks 1 of 3 with an Elo of 812",
        "75.0% against random",
        "13-2-5",
        "17-0-3",
        "moved illegally in 1 game.",
        "column 4; 5, 6 keeps a win",
        "200,000 steps (2,000 a second)",
        "up to 16 past selves, one more every 50,000 steps",
        "2 seconds for each move, 60 more seconds in total, at most 1,000 steps",
        "Column to drop a checker onto the board.",
    ):
        assert words in page.words, words
    assert "Not done yet" not in page.words
    assert "is not the file evaluated here" not in page.words
    assert "w.pth" in page.words
    assert "/home/me" not in page.words


def test_the_cards_say_the_same(entry: LedgerEntry) -> None:
    write_report(entry)
    readme = Path("README.md").read_text(encoding="utf-8")
    assert readme.startswith("# Mine\n\n<!-- results:start -->\n")
    for row in (
        "| Kaggle's rating | 1040.2 |",
        "| rank | 3 of 20 |",
        "| Elo on the project's ladder (random is 0) | 812 (95%: 700 to 931) |",
        "| score against random | 85.0% |",
        "| optimal moves (by an exact solver) | 93.8% |",
        "(reports/plots/picture.svg)",
    ):
        assert row in readme, row
    card = Card.load()
    assert card
    assert (card.task, card.metric, card.direction) == ("simulation", "rating", "maximize")
    assert card.competition == "https://www.kaggle.com/competitions/connectx"
    assert (card.score, card.split, card.percentile) == (1040.25, "public leaderboard", 85)
    assert (card.interval, card.rows) == ((700.5, 930.75), 60)
    assert card.scores["elo"] == {"value": 812.25, "low": 700.5, "high": 930.75}
    assert (card.scores["kept_value"], card.scores["public"]) == (0.9375, 1040.25)
    assert card.members == {"base": {"return": 0.75, "timesteps": 200_000}}
    assert {"MaskablePPO", "self-play", "DVC"} <= set(card.skills)
    assert card.cv_lines[0] == "Kaggle competition connectx: rating 1040.2, rank 3 of 20."
    _, head, body = Path("MODEL_CARD.md").read_text(encoding="utf-8").split("---\n", 2)
    (model,) = yaml.safe_load(head)["model-index"]
    values = [metric["value"] for result in model["results"] for metric in result["metrics"]]
    assert values == [812.25, 1040.25]
    assert "gamma: 0.99" in body
    assert "/home/me" not in body
    assert "for 200,000 steps" in body


def test_a_game_is_in_the_page_move_by_move(entry: LedgerEntry) -> None:
    page = write_report(entry)
    moves = [int(str(named["data-move"])) for _, named in page.tags if "data-move" in named]
    assert moves == [*range(1, len(MOVES) + 1)]
    assert "Move 1: agent (blue) in column 4." in page.words
    assert f"Move 2: {HOSTILE[0]} (orange) in column 4." in page.words
    assert "Move 7: agent (blue) in column 1. agent wins." in page.words
    controls = [named for tag, named in page.tags if tag in ("button", "input")]
    assert all(named.get("type") in ("button", "range") for named in controls)
    assert len(controls) == 6


def test_a_game_is_read_as_kaggle_played_it() -> None:
    game = read_game(play())
    assert [stone.column for stone in game.stones] == [*MOVES]
    assert [stone.mark for stone in game.stones] == [1, 2, 1, 2, 1, 2, 1]
    assert {stone.move for stone in game.stones if stone.wins} == {1, 3, 5, 7}
    diagonal = read_game(play((0, 1, 1, 2, 2, 3, 2, 3, 3, 6, 3)))
    winners = {(stone.row, stone.column) for stone in diagonal.stones if stone.wins}
    assert winners == {(5, 0), (4, 1), (3, 2), (2, 3)}


def test_a_game_that_ends_by_an_illegal_move_says_so(entry: LedgerEntry) -> None:
    write_json(REPLAY, play((3, 9)))
    assert "column 4." in (words := write_report(entry).words)
    assert f"{HOSTILE[0]} failed (invalid)." in words


@pytest.mark.parametrize("replay", [{}, {"configuration": {}}, [], {"steps": 3}])
def test_a_damaged_replay_is_named(entry: LedgerEntry, replay: object) -> None:
    write_json(REPLAY, replay)
    with pytest.raises(Fault, match=r"replay.json .*Run `compete predict` again"):
        write_report(entry)


def test_the_replay_of_another_environment_is_linked(entry: LedgerEntry) -> None:
    make_contract(environment="hungry_geese", players=[4]).save()
    make_judgement(environment="hungry_geese", quality=None, anchor=None).save()
    page = write_report(entry)
    assert ("a", {"href": "replay.json"}) in page.tags
    assert "There is no exact solver for this game" in page.words
    assert "the mean of all players is 0" in page.words
    assert not [named for _, named in page.tags if "data-move" in named]


def test_hostile_names_stay_text(entry: LedgerEntry) -> None:
    hostile = HOSTILE[1]
    make_judgement(opponent=hostile).save()
    for page in (write_report(entry), write_report(replace(entry, message=hostile))):
        assert not [tag for tag, named in page.tags if "onerror" in named or tag == "img"]
        charts = sum(named.get("class") == "chart" for _, named in page.tags)
        assert sum(tag == "script" for tag, _ in page.tags) == charts + 2  # Vega, and the game
        assert "49" not in page.words.split()
        assert hostile in page.words
    for path in ("README.md", "MODEL_CARD.md"):
        text = Path(path).read_text(encoding="utf-8")
        assert "](javascript:" not in text.replace("\\]", "")
        assert "<img" not in text.replace("\\<", "")


def test_rated_games_are_told_with_their_opponents(entry: LedgerEntry) -> None:
    RatedGames("2026-11-01T00:00:00", {"77": {"Magnus": [71, 0, 13, 1]}}).save()
    page = write_report(replace(entry, ref=77))
    assert "Games of submission 77 on Kaggle, as of 2026-11-01" in page.words
    assert "Magnus710131" in page.words  # the cells of its row


def test_what_was_imitated_is_told(entry: LedgerEntry) -> None:
    save_run(replace(make_run(), imitated=1234))
    told = "it was pretrained to imitate a search in 1,234 positions"
    assert told in write_report(entry).words
    assert told in " ".join(Path("MODEL_CARD.md").read_text(encoding="utf-8").split())


def test_work_that_is_not_done_is_named(entry: LedgerEntry) -> None:
    for folder in ("runs", "reports", "submissions"):
        shutil.rmtree(folder, ignore_errors=True)
    page = write_report()
    for sentence in (
        "The training of member base is not finished.",
        "The agent has not played on the ladder yet.",
        "Nothing has been submitted yet.",
        "Nothing has been submitted yet, so there is no rating.",
        "No agent is trained yet.",
        "There is no game to show yet.",
    ):
        assert sentence in page.words, sentence
    assert page.numbers == {}
    card = Card.load()
    assert card
    assert (card.score, card.scores["elo"], card.percentile) == (None, None, None)
    assert card.cv_lines[1] == "Not evaluated yet."


def test_a_submission_that_is_not_the_judged_file_is_told(entry: LedgerEntry) -> None:
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_bytes(b"newer")
    page = write_report(replace(entry, sha256="1"), replace(entry, public=None, state="error"))
    assert "That submission is not the file evaluated here." in page.words
    assert f"{FILE.as_posix()} has changed since it was evaluated." in page.words
    assert "2 submissions" in page.words


def test_several_members_are_compared(entry: LedgerEntry) -> None:
    save_run(make_run("wide", timesteps=300_000))
    words = write_report(entry).words
    assert "Member wide: 300,000 steps" in words
    assert "0.5 of base, 0.5 of wide" in words
    assert "500,000 steps" in words


def test_an_agent_of_gymnasium_is_shown_by_its_returns(folder: Path) -> None:
    finish_gymnasium()
    page = write_report()
    found = {key: page.numbers[key] for key in ("return", "return-spread", "length")}
    assert found == {"return": 487.25, "return-spread": 3.5, "length": 487.25}
    assert "of 475, which is reached" in page.words
    assert "0.5" not in page.words.split()
    for word in ("Not done yet", "submitted", "Ladder", "kaggle.com"):
        assert word not in page.words, word
    assert not [named for tag, named in page.tags if "kaggle.com" in str(named.get("href"))]
    assert "| mean return over 20 episodes | 487.25 ± 3.50 |" in Path("README.md").read_text(
        "utf-8"
    )
    card = Card.load()
    assert card
    assert (card.score, card.split, card.competition) == (487.25, "episodes", None)
    assert card.cv_lines[0] == "An agent for the Gymnasium environment CartPole-v1."


def test_an_episode_is_shown_when_it_is_unfolded(folder: Path) -> None:
    finish_gymnasium()
    Path("runs/base/episode.gif").write_bytes(b"GIF89a")
    page = write_report()
    (shown,) = (named for tag, named in page.tags if tag == "img")
    assert shown["src"] == "data:image/gif;base64,R0lGODlh"
    assert page.words.count("Show the beginning of an episode") == 1
    Path("runs/base/episode.gif").write_bytes(b"GIF89a" * 200_000)
    assert "img" not in [tag for tag, _ in write_report().tags]


def test_the_same_records_give_the_same_bytes(entry: LedgerEntry) -> None:
    def written() -> dict[str, bytes]:
        write_report(entry)
        found = [*Path("reports").rglob("*.*"), *Path().glob("*.md"), Path("CITATION.cff")]
        return {path.as_posix(): path.read_bytes() for path in found}

    assert written() == written()


def test_the_page_needs_nothing_else(entry: LedgerEntry) -> None:
    page = write_report(entry)
    assert Path("reports/index.html").stat().st_size < 2_000_000
    for tag, named in page.tags:
        for key in ("src", "href"):
            address = str(named.get(key) or "#")
            assert address.startswith(("data:", "#")) or tag == "a", (tag, address)
    charts = [named for _, named in page.tags if named.get("role") == "img"]
    assert len(charts) == 6  # ladder twice, leaderboard, game, mistake, training
    assert all(len(str(named["aria-label"])) > 20 for named in charts)


def test_the_report_loads_nothing_of_supervised_problems() -> None:
    lines = (
        "import sys, compete.portfolio.simulation.report\n"
        "print(*(name for name in sys.modules if name.startswith('compete.') or name == 'torch'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", lines], env=os.environ, capture_output=True, encoding="utf-8"
    )
    loaded = done.stdout.split()
    assert "compete.portfolio.simulation.board" in loaded, done.stderr
    unwanted = r"torch|compete\.(problems|supervised|tasks|training|portfolio\.supervised).*"
    assert [name for name in loaded if re.fullmatch(unwanted, name)] == []
