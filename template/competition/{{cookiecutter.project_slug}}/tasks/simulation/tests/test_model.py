"""The agent: a policy for each observation space, and a network for boards of any size."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from compete.project import author
from gymnasium import spaces

Make = Callable[..., Any]


def test_boards_use_the_network_of_this_project(make: Make) -> None:
    model = make("--model.channels", "6", "--model.blocks", "2")
    body = model.policy.features_extractor
    assert isinstance(body, author("network", "Body"))
    assert body.layers[0].out_channels == 6
    assert len([layer for layer in body.layers if hasattr(layer, "layers")]) == 2


@pytest.mark.parametrize(
    ("space", "policy"),
    [
        (spaces.Box(0, 255, (4, 84, 84), np.uint8), "CnnPolicy"),
        (spaces.Box(-1, 1, (3,)), "MlpPolicy"),
        (spaces.Box(0, 1, (2, 6, 7)), "MlpPolicy"),
        (spaces.Discrete(16), "MlpPolicy"),
        (spaces.Dict({"a": spaces.Discrete(3)}), "MultiInputPolicy"),
    ],
)
def test_auto_chooses_the_policy_by_the_observation_space(
    space: spaces.Space[Any], policy: str
) -> None:
    assert author("model", "policy_for")(space) == policy


@pytest.mark.parametrize("shape", [(2, 6, 7), (2, 3, 3), (4, 10, 8)])
def test_the_network_accepts_boards_of_any_size(shape: tuple[int, ...]) -> None:
    space = spaces.Box(0, 1, shape)
    network = author("network", "Network")(author("network", "Body")(space), 5)
    logits, values = network(torch.randn(3, *shape) * 1000)
    assert logits.shape == (3, 5)
    assert values.shape == (3,)
    assert values.abs().max() <= 1


def test_policy_kwargs_reach_the_policy(make: Make) -> None:
    model = make("--model.policy_kwargs", "{net_arch: [8], activation_fn: torch.nn.Tanh}")
    assert isinstance(model.policy.mlp_extractor.policy_net[1], torch.nn.Tanh)
    assert model.policy.mlp_extractor.policy_net[0].out_features == 8
