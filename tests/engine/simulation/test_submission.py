"""A trained agent becomes a file that plays on Kaggle, and is judged against the ladder."""

import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from authors import params_of
from samples import write
from small import read_params

from compete.simulation_contract import SimulationContract
from compete.simulation_records import Judgement
from compete.tasks.simulation.agent_files import ARCHIVE
from compete.tasks.simulation.predict import predict
from compete.tasks.simulation.prepare import prepare
from compete.tasks.simulation.submission import AgentWriter
from compete.tasks.simulation.train import train
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


@pytest.fixture(scope="module")
def trained(author: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a trained agent."""
    root = tmp_path_factory.mktemp("project")
    values = read_params(params_of(TASK))
    for name, section in SMALL.items():
        values[name] |= section
    write(root / "params.yaml", yaml.safe_dump(values))
    write(root / "members/base.yaml", "{}\n")
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


def writer() -> AgentWriter:
    return AgentWriter(load_config("base"), SimulationContract.load())


def test_predict_writes_the_agent_and_judges_it(within: Path) -> None:
    predict()
    with tarfile.open(ARCHIVE) as archive:
        assert archive.getnames() == [
            *("agent.json", "agent.safetensors", "agent_game.py", "agent_network.py", "main.py")
        ]
    judgement = Judgement.load()
    assert judgement is not None
    print(judgement)
