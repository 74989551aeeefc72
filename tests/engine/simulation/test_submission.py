"""A trained agent becomes a file that plays on Kaggle, and is judged against the ladder."""

import json
import shutil
import tarfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from authors import params_of
from safetensors.torch import load_file, save_file
from samples import write
from small import write_params

from compete.errors import Fault
from compete.files import SCORES
from compete.simulation_contract import SimulationContract
from compete.simulation_records import REPLAY, Judgement
from compete.tasks.simulation.agent_files import ARCHIVE
from compete.tasks.simulation.agent_process import AgentProcess
from compete.tasks.simulation.evaluation import make_training
from compete.tasks.simulation.fit import make_model
from compete.tasks.simulation.games.connectx import ConnectX
from compete.tasks.simulation.match import play_match
from compete.tasks.simulation.players import LADDER, LADDERS
from compete.tasks.simulation.predict import predict
from compete.tasks.simulation.prepare import prepare
from compete.tasks.simulation.submission import AgentWriter
from compete.tasks.simulation.train import train
from compete.tasks.simulation.weights import load_policy, save_policy
from compete.training.config import load_config

TASK = "simulation"
BOARD = {"rows": 4, "columns": 5}
SMALL: dict[str, dict[str, Any]] = {
    "data": {"environment": "connectx", "environment_kwargs": BOARD, "n_envs": 16}
    | {"snapshot_freq": 128, "pool_size": 2, "time_share": 0.02}
    | {"judge_rounds": 1, "judged_past_selves": 1},
    "model": {"n_steps": 8, "batch_size": 64, "n_epochs": 1, "channels": 4, "blocks": 1},
    "trainer": {"total_timesteps": 512, "eval_freq": 256, "checkpoint_freq": 256}
    | {"n_eval_episodes": 4, "device": "cpu", "logger": False, "progress_bar": False},
}
WEIGHTS = Path("runs/base/model.safetensors")
RESULTS = Path("tournament/results.jsonl")


@pytest.fixture(scope="module")
def trained(author: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a trained agent."""
    root = tmp_path_factory.mktemp("project")
    write_params(root, params_of(TASK), SMALL)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        prepare()
        train(None, None, [])
    return root


@pytest.fixture
def within(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a copy of it."""
    root = tmp_path / "project"
    shutil.copytree(trained, root)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def short_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent meets two reference agents, not five."""
    ladder = {name: LADDER[name] for name in ("random", "tactical")}
    monkeypatch.setitem(LADDERS, "connectx", ladder)


def writer() -> AgentWriter:
    return AgentWriter(load_config("base"), SimulationContract.load())


def results() -> list[dict[str, Any]]:
    return [json.loads(line) for line in RESULTS.read_text().splitlines()]


@pytest.mark.usefixtures("short_ladder", "within")
def test_predict_writes_the_agent_and_judges_it_once() -> None:
    predict()
    data, judgement, played = ARCHIVE.read_bytes(), Judgement.load(), results()
    with tarfile.open(ARCHIVE) as archive:
        assert archive.getnames() == [
            *("agent.json", "agent.safetensors", "agent_game.py", "agent_network.py", "main.py")
        ]
    assert judgement is not None
    assert (judgement.play, judgement.member, judgement.failures) == ("search", "base", 0)
    assert judgement.games == 12
    own = judgement.standing
    assert own.wins + own.draws + own.losses == 6
    assert own.low < own.elo < own.high
    elo = {each.player: each.elo for each in judgement.ladder}
    assert elo.keys() == {"agent", "random", "tactical", "past-000000256"}
    assert elo["random"] == 0
    assert 0 < judgement.times.mean < judgement.times.first
    assert judgement.times.moves > 12
    quality = judgement.quality
    assert quality is not None
    assert quality.moves - quality.unknown > 12
    assert quality.share > 0.5
    scores = json.loads(SCORES.read_text())
    assert scores["elo"]["value"] == own.elo
    assert scores["score_against"].keys() == {"random", "tactical", "past-000000256"}
    replay = json.loads(REPLAY.read_text())
    assert len(judgement.replay) == len(replay["steps"][0]) == 2

    predict()
    assert ARCHIVE.read_bytes() == data
    assert results() == played
    assert Judgement.load() == judgement


@pytest.mark.usefixtures("within")
def test_the_agent_plays_the_moves_of_the_policy(tmp_path: Path) -> None:
    archive = write(tmp_path / "agent.tar.gz", writer().archive(WEIGHTS, "argmax"))
    with (
        AgentProcess(str(archive), "connectx") as agent,
        AgentProcess("random", "connectx") as random,
    ):
        match = play_match("connectx", [agent, random], configuration=BOARD, seed=1)
    assert match.statuses == ("DONE", "DONE"), match.stderr
    config, contract = load_config("base"), SimulationContract.load()
    model: Any = make_model(config, contract, make_training(config, contract), "cpu")
    load_policy(model.policy, WEIGHTS, "")
    game = ConnectX(1, **BOARD)
    compared = 0
    for before, after in pairwise(match.official.steps):
        if before[0]["status"] == "ACTIVE":
            game.load(0, before[0]["observation"], match.official.configuration)
            planes, legal = game.observe(), game.legal()
            move, _ = model.policy.predict(planes, deterministic=True, action_masks=legal)
            assert after[0]["action"] == move[0]
            compared += 1
    assert compared > 2


@pytest.mark.usefixtures("within")
def test_weights_that_are_no_numbers_or_of_another_network_are_refused(tmp_path: Path) -> None:
    made, path = writer(), tmp_path / "other.safetensors"
    weights = load_file(WEIGHTS)
    weights["action_net.bias"][0] = torch.nan
    save_file(weights, path)
    with pytest.raises(Fault, match=r"NaN.*compete train"):
        made.archive(path, "argmax")
    del weights["action_net.bias"]
    save_file(weights, path)
    with pytest.raises(Fault, match="another network"):
        made.archive(path, "argmax")


def test_a_past_self_that_no_longer_loads_is_refused_and_the_agent_is_there(within: Path) -> None:
    old = within / "runs/base/pool/000000256.safetensors"
    old.write_bytes(b"broken")
    with pytest.raises(Fault, match=r"000000256\.safetensors can't be loaded.*delete this file"):
        predict()
    assert ARCHIVE.exists()


@pytest.mark.usefixtures("within")
def test_a_policy_that_network_py_does_not_compute_is_refused() -> None:
    config = yaml.safe_load(Path("runs/base/config.yaml").read_text())
    config["model"]["policy_kwargs"] = {"net_arch": [8]}
    Path("runs/base/config.yaml").write_text(yaml.safe_dump(config))
    made = writer()
    save_policy(made._policy, WEIGHTS)
    with pytest.raises(Fault, match=r"does not take the trained weights.*network\.py"):
        made.archive(WEIGHTS, "argmax")


@pytest.mark.usefixtures("within")
def test_without_a_training_there_is_nothing_to_submit() -> None:
    shutil.rmtree("runs")
    with pytest.raises(Fault, match="No agent is trained"):
        predict()
