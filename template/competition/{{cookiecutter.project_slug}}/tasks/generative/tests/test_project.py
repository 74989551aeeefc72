"""Tests that hold for any model: settings, reproducibility, and the submission of images."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from compete.errors import Fault
from compete.generative_contract import IMAGES_ZIP
from compete.generative_records import Measurement
from compete.project import author
from compete.tasks.generative.predict import predict
from compete.tasks.generative.validate import check
from compete.training.config import load_config, member_names
from conftest import ROOT, SOURCES

Function = Callable[..., Any]


def test_every_key_of_params_yaml_and_of_the_members_is_accepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    for member in member_names():
        assert load_config(member).competition.slug


@pytest.mark.parametrize("key", ["data.size", "model.learning_rate", "trainer.epochs", "seed"])
def test_a_wrong_key_is_refused_by_name(within: Path, key: str) -> None:
    with pytest.raises(Fault, match=key.rpartition(".")[2]):
        load_config("base", [f"--{key}", "1"])


def test_training_depends_only_on_its_seed_and_its_images_can_be_submitted(fit: Function) -> None:
    first = fit()
    shutil.rmtree("runs")
    again = fit()
    assert all(torch.equal(value, again[key]) for key, value in first.items())
    predict()
    assert not check(IMAGES_ZIP).faults
    found = Measurement.load()
    assert found is not None
    assert found.count == (SOURCES if author("model", "Model").translates else 4)
    other = fit("--seed_everything", "1")
    assert any(not torch.equal(value, other[key]) for key, value in first.items())
