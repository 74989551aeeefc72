"""Fixtures for a short training in ConnectX and CartPole."""

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
    "data": {"environment": "connectx", "environment_kwargs": {}}
    | {"n_envs": 8, "snapshot_freq": 64, "pool_size": 2},
    "model": {"n_steps": 8, "batch_size": 32, "n_epochs": 1, "channels": 4, "blocks": 1},
    "trainer": {"total_timesteps": 128, "eval_freq": 64, "checkpoint_freq": 64}
    | {"n_eval_episodes": 4, "device": "cpu", "logger": False, "progress_bar": False},
}


@pytest.fixture
def within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change into a prepared folder with the project's params.yaml for a small network.

    The tests are about ConnectX, whichever environment `environment.py` makes.
    """
    from compete.project import module
    from compete.tasks.simulation.prepare import prepare

    if own := module("environment"):
        for name in ("PLAYERS", "make", "wrap"):
            monkeypatch.delattr(own, name, raising=False)
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
    """Return a function that builds the untrained model in its environments.

    Its arguments override settings: `make("--model.gamma", "0.9")`.
    """
    from compete.simulation_contract import SimulationContract
    from compete.tasks.simulation.fit import build
    from compete.training.config import load_config

    def build_model(*overrides: str) -> Any:
        return build(load_config("base", overrides), SimulationContract.load(), "cpu")

    return build_model


@pytest.fixture
def fit(within: Path) -> Callable[..., Any]:
    """Return a function that trains an agent and returns its weights by name.

    Its arguments override settings: `fit("--model.gamma", "0.9")`.
    """
    from compete.tasks.simulation.train import train
    from safetensors.torch import load_file

    def run(*overrides: str) -> Any:
        train(None, None, list(overrides))
        return load_file("runs/base/model.safetensors")

    return run
