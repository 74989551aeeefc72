"""A small training: a few hundred moves of ConnectX, and of CartPole."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from compete.files import read_yaml

# Before torch is imported: the models of these tests are so small that threads only wait.
os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).parents[1]
SMALL: dict[str, dict[str, Any]] = {
    "data": {"environment": "connectx", "n_envs": 8, "snapshot_freq": 64, "pool_size": 2},
    "model": {"n_steps": 8, "batch_size": 32, "n_epochs": 1, "channels": 4, "blocks": 1},
    "trainer": {"total_timesteps": 128, "eval_freq": 64, "checkpoint_freq": 64}
    | {"n_eval_episodes": 4, "device": "cpu", "logger": False, "progress_bar": False},
}


@pytest.fixture
def within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder whose params.yaml is the project's, made small, and prepared."""
    from compete.tasks.simulation.prepare import prepare

    params = read_yaml(ROOT / "params.yaml")
    for section, values in SMALL.items():
        params[section] |= values
    (tmp_path / "params.yaml").write_text(json.dumps(params), encoding="utf-8")
    (tmp_path / "members").mkdir()
    (tmp_path / "members" / "base.yaml").write_text("{}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    prepare()
    return tmp_path


@pytest.fixture
def make(within: Path) -> Callable[..., Any]:
    """`make("--model.gamma", "0.9")` gives the untrained model in its environments."""
    from compete.simulation_contract import SimulationContract
    from compete.tasks.simulation.fit import build
    from compete.training.config import load_config

    def build_model(*overrides: str) -> Any:
        return build(load_config("base", overrides), SimulationContract.load(), "cpu")

    return build_model


@pytest.fixture
def fit(within: Path) -> Callable[..., Any]:
    """`fit("--model.gamma", "0.9")` trains an agent and gives its weights by name."""
    from compete.tasks.simulation.train import train
    from safetensors.torch import load_file

    def run(*overrides: str) -> Any:
        train(None, None, list(overrides))
        return load_file("runs/base/model.safetensors")

    return run
