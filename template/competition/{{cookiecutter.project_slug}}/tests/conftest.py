"""Fixtures of a small synthetic competition, which is prepared once."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from compete import project
from tiny_competition import SETTINGS, write_files

# Set before torch is imported: these models are too small to gain from threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).parents[1]
TRAINER = {
    "max_epochs": 1,
    "accelerator": "cpu",
    "devices": 1,
    "logger": False,
    "use_distributed_sampler": False,
    "num_sanity_val_steps": 0,
    "enable_model_summary": False,
}


@pytest.fixture(scope="session")
def author() -> Callable[[str], ModuleType]:
    """Return a function that imports a module of this project's package, as `author("model")`."""

    def module(name: str) -> ModuleType:
        found = project.module(name)
        assert found is not None
        return found

    return module


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the prepared competition. Tests must not change its files."""
    from compete.supervised.prepare import prepare

    root = tmp_path_factory.mktemp("prepared")
    params = {"competition": {"slug": "made-up"}, "trainer": TRAINER, **SETTINGS}
    (root / "params.yaml").write_text(json.dumps(params), encoding="utf-8")
    (root / "members").mkdir()
    (root / "members" / "base.yaml").write_text("{}\n", encoding="utf-8")
    write_files(root / "data" / "raw")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        prepare()
    return root


@pytest.fixture
def within(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change into the folder of the prepared competition."""
    monkeypatch.chdir(prepared)
    return prepared


@pytest.fixture
def make(within: Path) -> Callable[..., Any]:
    """Return a function that builds the data and the untrained model of fold 0.

    Its arguments override settings: `make("--model.lr", "0.1")`.
    """
    from compete.contract import Contract
    from compete.supervised.fit import build
    from compete.training.config import load_config

    return lambda *overrides: build(load_config("base", overrides), Contract.load(), 0)


@pytest.fixture
def fit(within: Path) -> Callable[..., Any]:
    """Return a function that trains fold 0 and returns its weights by name.

    Its arguments override settings: `fit("--model.lr", "0.1")`.
    """
    from compete.supervised.train import train
    from safetensors.torch import load_file

    def run(*overrides: str) -> Any:
        train(0, None, list(overrides))
        return load_file("runs/base/fold0/model.safetensors")

    return run
