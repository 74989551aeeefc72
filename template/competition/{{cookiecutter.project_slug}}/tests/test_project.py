"""Tests that hold for any model: of settings, of leaks between folds, of reproducibility."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from compete.contract import Contract
from compete.errors import Fault
from compete.files import FOLD, SUBMISSION
from compete.records import Scores
from compete.supervised.predict import predict
from compete.supervised.train import train
from compete.supervised.validate import validate
from compete.training.config import load_config, member_names
from conftest import ROOT

Function = Callable[..., Any]


def test_every_key_of_params_yaml_and_of_the_members_is_accepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    for member in member_names():
        assert load_config(member).competition.slug


@pytest.mark.parametrize("key", ["data.fold", "model.learning_rate", "trainer.epochs", "seed"])
def test_a_wrong_key_is_refused_by_name(within: Path, key: str) -> None:
    with pytest.raises(Fault, match=key.rpartition(".")[2]):
        load_config("base", [f"--{key}", "1"])


def test_a_fold_never_trains_on_the_rows_that_it_validates_on(make: Function) -> None:
    data, _ = make()
    folds = data.table["train"][FOLD].to_numpy()
    assert set(folds[data.val_rows]) == {0}
    assert 0 not in folds[data.train_rows]
    every = np.sort(np.concatenate([data.val_rows, data.train_rows]))
    np.testing.assert_array_equal(every, np.arange(len(folds)))


def test_an_epoch_does_not_depend_on_the_number_of_workers(make: Function) -> None:
    def batches(data: Any, epoch: int) -> list[Any]:
        loader = data.train_dataloader()
        loader.batch_sampler.sampler.set_epoch(epoch)
        return list(loader)

    def compare(first: list[Any], second: list[Any]) -> None:
        torch.testing.assert_close(first, second, rtol=0, atol=0, equal_nan=True)

    (data, _), (parallel, _) = make(), make("--data.num_workers", "2")
    first = batches(data, 1)
    compare(first, batches(parallel, 1))
    with pytest.raises(AssertionError):
        compare(first, batches(data, 2))


def test_training_depends_only_on_its_seed(fit: Function) -> None:
    first = fit()
    shutil.rmtree("runs")
    again, other = fit(), fit("--seed_everything", "1")
    assert first.keys() == again.keys()
    assert all(torch.equal(value, again[key]) for key, value in first.items())
    assert any(not torch.equal(value, other[key]) for key, value in first.items())


def test_from_prepared_data_to_a_valid_submission(within: Path) -> None:
    train(None, None, [])
    predict()
    verdict = validate(SUBMISSION, Contract.load())
    assert not verdict.faults
    scores = Scores.load()
    assert scores is not None
    assert scores.members["base"].trained == [0, 1]
