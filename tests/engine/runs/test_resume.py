"""Killed in the middle of an epoch, a training ends with the very weights of an undisturbed one.

The undisturbed one loads its data without worker processes: their number must not matter either.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from competitions import images, tables, texts
from fork_server import KILLED, Launcher
from lightning.pytorch.loggers import CSVLogger

from .harness import Workspace, variables

KEPT = ("runs/base/*/model.safetensors", "predictions/**/*.parquet")
COMPETITIONS = {"image": images, "tabular": tables, "text": texts}
Make = Callable[..., tuple[Workspace, Workspace]]


@pytest.fixture
def two(launcher: Launcher, authors: Callable[[str], Path], tmp_path: Path) -> Make:
    """`two("image", **sections)`: a small competition of a task twice, prepared."""

    def make(task: str, **sections: dict[str, Any]) -> tuple[Workspace, Workspace]:
        env = variables(authors(task))
        calm, shaken = (Workspace(tmp_path / name, launcher, env) for name in ("calm", "shaken"))
        sections["data"] = {"batch_size": 8, "folds": 2, "trained_folds": 1} | sections["data"]
        callbacks = [{"class_path": "kill_at.KillAt"}]
        trainer = {"max_epochs": 3, "callbacks": callbacks} | sections.get("trainer", {})
        COMPETITIONS[task].competition(calm.path, **sections | {"trainer": trainer})
        calm.run("prepare")
        shutil.copytree(calm.path, shaken.path)
        return calm, shaken

    return make


@pytest.mark.parametrize(
    ("task", "workers", "sections"),
    [
        ("image", 2, {"data": {"balanced_sampling": True}}),
        (
            "text",
            1,
            {"data": {}, "trainer": {"accumulate_grad_batches": 2, "val_check_interval": 0.5}},
        ),
        ("tabular", 0, {"data": {}, "trainer": {"check_val_every_n_epoch": 2, "max_steps": 8}}),
    ],
)
def test_killed_in_each_epoch_it_ends_as_if_undisturbed(
    two: Make, task: str, workers: int, sections: dict[str, Any]
) -> None:
    calm, shaken = two(task, **sections)
    calm.run("train", "predict")
    command = f"train --data.num_workers {workers}"
    for epoch in range(3):
        shaken.kill_at(epoch, 1)
        assert shaken.run(command, check=False).code == KILLED
    shaken.run(command, "predict")
    assert shaken.bytes(*KEPT) == calm.bytes(*KEPT)
    scores = [work.json("runs/base/fold1/fold.json")["scores"] for work in (calm, shaken)]
    assert scores[0] == scores[1]


def test_of_a_training_that_stops_early_the_best_epoch_is_kept(two: Make) -> None:
    logger = {"class_path": f"{CSVLogger.__module__}.CSVLogger", "init_args": {"save_dir": "{run}"}}
    model, trainer = {"patience": 2, "lr": 0.1}, {"max_epochs": 40, "logger": [logger]}
    calm, shaken = two("tabular", data={}, model=model, trainer=trainer)
    calm.run("train", "predict")
    fold = calm.json("runs/base/fold1/fold.json")
    assert fold["epochs"] < 40
    log = pl.read_csv(next(calm.path.glob("runs/base/fold1/**/metrics.csv")))
    epochs = log.drop_nulls("oob/loss").sort("epoch")
    best = int(np.argmin(epochs["oob/loss"]))
    assert epochs["epoch"].to_list() == list(range(fold["epochs"]))
    assert best == fold["epochs"] - 1 - model["patience"]
    assert fold["scores"]["loss"] == pytest.approx(epochs["val/loss"][best], rel=1e-5)
    for epoch in (best, fold["epochs"] - 1):
        shaken.kill_at(epoch, 1)
        assert shaken.run("train", check=False).code == KILLED
    shaken.run("train", "predict")
    assert shaken.bytes(*KEPT) == calm.bytes(*KEPT)
    assert shaken.json("runs/base/fold1/fold.json")["scores"] == fold["scores"]
    assert not list(shaken.path.glob("runs/base/*/*.ckpt"))


@pytest.mark.long
@pytest.mark.slow
def test_two_processes_that_train_together_end_as_if_undisturbed(two: Make) -> None:
    """They leave no process behind: neither the other of the two nor those that load data."""
    calm, shaken = two("image", data={}, trainer={"max_epochs": 2})
    done = calm.run_as_two("train")
    assert done.code == 0, done.err
    shaken.kill_at(1, 1)
    command = "train --data.num_workers 1"
    assert shaken.run_as_two(command).code == KILLED
    done = shaken.run_as_two(command)
    assert done.code == 0, done.err
    assert shaken.bytes(KEPT[0]) == calm.bytes(KEPT[0])
    scores = [work.json("runs/base/fold1/fold.json")["scores"] for work in (calm, shaken)]
    assert scores[0] == scores[1]
    shaken.wait_until_left(20)
