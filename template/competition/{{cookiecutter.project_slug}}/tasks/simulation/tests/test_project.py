"""Tests that hold for any agent: settings, reproducibility, and play."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from compete.errors import Fault
from compete.project import author
from compete.training.config import load_config, member_names
from conftest import ROOT
from torch import nn

Function = Callable[..., Any]


def test_every_key_of_params_yaml_and_of_the_members_is_accepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    for member in member_names():
        assert load_config(member).competition.slug


@pytest.mark.parametrize("key", ["data.envs", "model.lr", "trainer.steps", "seed"])
def test_a_wrong_key_is_refused_by_name(within: Path, key: str) -> None:
    with pytest.raises(Fault, match=key.rpartition(".")[2]):
        load_config("base", [f"--{key}", "1"])


def test_training_depends_only_on_its_seed(fit: Function) -> None:
    first = fit()
    shutil.rmtree("runs")
    again, other = fit(), fit("--seed_everything", "1")
    assert all(torch.equal(value, again[key]) for key, value in first.items())
    assert any(not torch.equal(value, other[key]) for key, value in first.items())


def test_the_network_gives_the_same_output_without_stable_baselines(
    make: Function, fit: Function
) -> None:
    weights, model = fit(), make()
    model.policy.load_state_dict(weights, strict=False)  # shared layers are saved once
    space = model.observation_space
    network = author("network", "Network")(
        author("network", "Body")(space, channels=4, blocks=1), model.action_space.n
    )
    network.load_policy(weights)
    planes = (torch.rand(5, *space.shape) > 0.7).float()
    logits, values = network(planes)
    trained = model.policy.get_distribution(planes).distribution.logits
    torch.testing.assert_close(nn.functional.log_softmax(logits, dim=1), trained)
    expected = model.policy.predict_values(planes).squeeze(1).clamp(-1, 1)
    torch.testing.assert_close(values, expected)
