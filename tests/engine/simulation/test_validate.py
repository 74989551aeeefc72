"""An agent is played before it is sent; what Kaggle would punish is said in one sentence."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from samples import write

from compete.errors import Fault
from compete.simulation_contract import SimulationContract
from compete.tasks.simulation.agent_files import pack
from compete.tasks.simulation.prepare import prepare
from compete.tasks.simulation.validate import (
    VALIDATION,
    AgentVerdict,
    check,
    check_before_sending,
    submission_facts,
)

TASK = "simulation"
LEFT = "def agent(observation, configuration):\n    return observation.board[:7].index(0)\n"
MAIN = Path("submissions/main.py")


@pytest.fixture(autouse=True)
def within(author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a prepared project whose moves have half a second."""
    params = {"competition": {"slug": "connectx"}, "data": {"environment": "connectx"}}
    write(tmp_path / "params.yaml", yaml.safe_dump(params))
    monkeypatch.chdir(tmp_path)
    prepare()
    contract = SimulationContract.load()
    quick = contract.configuration | {"actTimeout": 0.5}
    replace(contract, configuration=quick, act_timeout=0.5, overage=5.0).save()
    return tmp_path


def checked(source: str) -> AgentVerdict:
    return check(write(MAIN, source))


def test_a_good_agent_plays_every_seat_and_is_not_played_again_before_it_is_sent(
    capfd: pytest.CaptureFixture[str],
) -> None:
    prepare()  # Kaggle's own limits of time: a busy machine may take half a second
    # Times are told in milliseconds, of which a move must take some, and the first one more.
    slow = LEFT.replace("    return", "    time.sleep(0.002)\n    return")
    loads = (
        "import sys, time\nimport numpy as np\ntime.sleep(0.1)\nprint('loaded', file=sys.stderr)"
    )
    source = f"{loads}\n{slow}"
    verdict = checked(source)
    assert (verdict.faults, verdict.warnings) == ([], [])
    assert verdict.games == 51
    assert verdict.won + verdict.drawn + verdict.lost == 50
    assert verdict.won > 25
    assert 0 < verdict.mean < verdict.first < 30
    assert verdict.stderr == "loaded"
    assert "stderr of the agent:\nloaded" in capfd.readouterr().err
    assert submission_facts().file == MAIN
    again = check_before_sending(MAIN)
    assert again == verdict
    assert "validated before" in capfd.readouterr().err
    write(MAIN, "def agent(observation): return 99\n")
    assert check_before_sending(MAIN).faults


BAD = {
    "hangs": ("    while True: pass", "hangs or is too slow"),
    "crashes": ("    raise ValueError('no idea')", r"crashes.*ValueError: no idea"),
    "dies": ("    import os; os._exit(3)", "ends with exit code 3"),
    "illegal": ("    return 7", "acts illegally in its move 1 from seat 1: 7"),
    "not JSON": ("    import numpy; return numpy.int64(3)", "returned a int64"),
    "nothing": ("    pass", r"returns nothing \(None\)"),
    "lacking": ("    import stable_baselines3", "imports stable_baselines3, which Kaggle's image"),
    "engine": ("    import compete.errors", "imports compete, which Kaggle's image lacks"),
    "author": ("    import author_simulation", "imports author_simulation, which Kaggle's"),
    "not here": ("    import boto3", "imports boto3, which is not installed here"),
    "relative": ("    open('params.yaml')", "No such file or directory"),
}


@pytest.mark.parametrize("kind", BAD)
def test_an_agent_that_fails_is_refused_with_the_reason(kind: str) -> None:
    body, told = BAD[kind]
    verdict = checked(f"def agent(observation, configuration):\n{body}\n")
    assert re.search(told, verdict.faults[0])
    assert verdict.games == 1
    assert not VALIDATION.exists()


def test_what_can_be_seen_without_playing_is_refused_at_once() -> None:
    assert "line 2, is not valid Python" in checked("import sys\ndef agent(:\n").faults[0]
    assert checked("x = 3\n").faults[0].endswith("defines no function that Kaggle could call")
    params = yaml.safe_load(Path("params.yaml").read_text())
    params["data"]["max_submission_mb"] = 0.001
    write(Path("params.yaml"), yaml.safe_dump(params))
    verdict = checked(LEFT + "#" * 2000)
    assert verdict.faults == ["it has 0.0 MB; the competition allows 0.001 MB"]
    assert verdict.games == 0


def test_an_archive_plays_with_what_lies_beside_main_py() -> None:
    files = {"main.py": b"from own_moves import agent\n", "own_moves.py": LEFT.encode()}
    archive = write(Path("submissions/submission.tar.gz"), pack(files))
    assert check(archive).faults == []
    assert submission_facts().file == archive
    write(archive, pack({"folder/main.py": LEFT.encode()}))
    with pytest.raises(Fault, match=r"no main\.py at its root, but folder"):
        check(archive)
    write(archive, b"no archive")
    with pytest.raises(Fault, match="can't be unpacked"):
        check(archive)
    with pytest.raises(Fault, match="no file"):
        check(Path("submissions/other.py"))


def test_an_agent_that_is_not_the_last_name_is_warned_of() -> None:
    verdict = checked(f"{LEFT}\ndef helper():\n    return 3\n")
    assert "perhaps helper instead of agent" in verdict.warnings[0]


def test_an_environment_of_gymnasium_takes_no_agents() -> None:
    params = {"competition": {"slug": "x"}, "data": {"environment": "CartPole-v1"}}
    write(Path("params.yaml"), yaml.safe_dump(params))
    prepare()
    with pytest.raises(Fault, match="nothing to submit"):
        check(MAIN)
