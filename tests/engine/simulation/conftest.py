"""A project of the task `simulation`, with the author's part that the template has."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from authors import params_of
from samples import write
from small import write_params

CARTPOLE: dict[str, dict[str, Any]] = {
    "data": {"environment": "CartPole-v1", "n_envs": 4},
    "model": {
        "n_steps": 32,
        "batch_size": 64,
        "n_epochs": 4,
        "gamma": 0.98,
        "gae_lambda": 0.8,
        "ent_coef": 0.0,
        "learning_rate": 1e-3,
    },
    "trainer": {"total_timesteps": 1024, "eval_freq": 512, "checkpoint_freq": 256}
    | {"n_eval_episodes": 4, "device": "cpu", "logger": False, "progress_bar": False},
}
Settle = Callable[..., Path]


@pytest.fixture
def settle(
    edit_author: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settle:
    """`settle(data={...})` makes a project and works in it.

    `author=("model.py", old, new)` edits a file of the author, `environment` is one more.
    """

    def make(
        author: tuple[str, ...] = (), environment: str = "", slug: str = "made-up", **sections: Any
    ) -> Path:
        folder = edit_author("simulation", *author)
        if environment:
            write(folder / "environment.py", environment)
        root = tmp_path / "project"
        named = {"competition": {"slug": slug}}
        write_params(root, params_of("simulation"), named, CARTPOLE, sections)
        monkeypatch.chdir(root)
        return root

    return make
