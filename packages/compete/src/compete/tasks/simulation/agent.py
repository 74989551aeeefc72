"""The agent that `compete predict` submits: a trained policy, alone or with a search.

It ships as main.py, beside `agent_network.py`, the author's network.py; `agent_game.py`, how the
game is seen and searched; `agent.json`, its settings; and `agent.safetensors`, its weights. Kaggle
executes main.py without `__file__`, and takes the last callable that it binds for the agent.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import agent_game  # type: ignore[import-not-found]
import agent_network  # type: ignore[import-not-found]
import numpy as np
import torch
from safetensors.torch import load_file

_FOLDER = Path(agent_game.__file__).parent
_SETTINGS = json.loads((_FOLDER / "agent.json").read_text(encoding="utf-8"))
_PLAYS: dict[str, Callable[..., Any]] = {}  # made in the first move


def _make_network() -> torch.nn.Module:
    space = SimpleNamespace(shape=tuple(_SETTINGS["shape"]))
    body = agent_network.Body(space, **_SETTINGS["body"])
    network = agent_network.Network(body, _SETTINGS["actions"])
    network.load_policy(load_file(_FOLDER / "agent.safetensors"))
    return network.eval()  # type: ignore[no-any-return]


def _evaluate(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with torch.inference_mode():
        logits, values = _NETWORK(torch.from_numpy(planes))
    return logits.numpy(), values.numpy()


def _argmax(observation: Mapping[str, Any], configuration: Mapping[str, Any]) -> int:
    planes, legal = agent_game.view(observation, configuration)
    logits = _evaluate(planes[None])[0][0]
    return int(np.where(legal, logits, -np.inf).argmax())


torch.set_num_threads(1)  # so small a network only waits for threads
_NETWORK = _make_network()


def agent(observation: Mapping[str, Any], configuration: Mapping[str, Any]) -> Any:
    """Return the action, as Kaggle asks an agent."""
    if _SETTINGS["play"] == "argmax":
        action: Any = _argmax(observation, configuration)
    else:
        if "search" not in _PLAYS:
            options = _SETTINGS["search"]
            _PLAYS["search"] = agent_game.make_search(configuration, _evaluate, **options)
        action = _PLAYS["search"](observation, configuration)
    # Some games number their actions by names.
    names = getattr(agent_game, "ACTIONS", None)
    return action if names is None else names[action]
