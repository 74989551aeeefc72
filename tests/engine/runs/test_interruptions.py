"""Killed anywhere, the same command finishes, and the result is that of an undisturbed run."""

import random
import shutil
import signal
import time
from collections.abc import Callable

import pytest
from fork_server import KILL, KILLED

from .harness import Workspace

KEPT = ("runs/base/*/model.safetensors", "submissions/submission.csv", "predictions/**/*.parquet")
Make = Callable[..., Workspace]


def test_killed_training_and_prediction_end_as_if_undisturbed(workspace: Make) -> None:
    chance = random.Random(20)
    calm, shaken = workspace("calm"), workspace("shaken")
    calm.run("prepare")
    calm.run("train")
    start = time.monotonic()
    calm.run("predict")
    prediction = time.monotonic() - start
    shaken.run("prepare")
    said, train = shaken.path / "stderr.txt", "train --data.num_workers 1"

    def after(epochs: int) -> Callable[[], bool]:
        return lambda: said.exists() and said.read_text(encoding="utf-8").count("epoch") >= epochs

    for epochs in (0, 1, 1):
        shaken.strike(train, "runs", wait=after(epochs), seconds=chance.uniform(0, 0.5))
    shaken.run(train)
    for _ in range(2):
        shaken.kill("predict", lambda: True, chance.uniform(0, prediction))
    shaken.run("predict")
    assert shaken.bytes(*KEPT) == calm.bytes(*KEPT)
    assert not list(shaken.path.glob("runs/**/*.part"))


def test_training_killed_after_its_last_epoch_ends_as_if_undisturbed(workspace: Make) -> None:
    calm, shaken = workspace("calm"), workspace("shaken")
    for work in (calm, shaken):
        work.run("prepare")
    calm.run("train --fold 0")
    said = shaken.path / "stderr.txt"

    def over() -> bool:
        return said.exists() and "epoch 2/2" in said.read_text(encoding="utf-8")

    for _ in range(8):
        shaken.kill("train --fold 0", over, 0)
        if not (shaken.path / "runs/base/fold0/model.safetensors").exists():
            break
        shutil.rmtree(shaken.path / "runs")
    shaken.run("train --fold 0")
    states = [work.json("runs/base/fold0/fold.json") for work in (calm, shaken)]
    assert states[0]["scores"] == states[1]["scores"]
    assert shaken.bytes(KEPT[0]) == calm.bytes(KEPT[0])


def test_killed_preparation_ends_as_if_undisturbed(workspace: Make) -> None:
    chance = random.Random(20)
    calm, shaken = workspace("calm", rows=400), workspace("shaken", rows=400)
    start = time.monotonic()
    calm.run("prepare")
    whole = time.monotonic() - start
    for _ in range(4):
        shaken.strike("prepare", "data/processed", seconds=chance.uniform(0.3, 1) * whole)
    shaken.run("prepare")
    assert shaken.bytes("data/processed/*", "contract.yaml") == calm.bytes(
        "data/processed/*", "contract.yaml"
    )
    assert not list(shaken.path.glob("data/.*.part"))


def test_ctrl_c_is_one_sentence_and_training_goes_on_later(workspace: Make) -> None:
    work = workspace(trainer={"max_epochs": 40})
    work.run("prepare")

    def an_epoch_is_over() -> bool:
        return (work.path / "runs/base/fold0/last.ckpt").exists()

    done = work.strike("train --fold 0", "runs", wait=an_epoch_is_over, how=signal.SIGINT)
    assert done.code == 1
    assert done.err.rstrip().endswith("Interrupted. Run the same command again to resume.")
    assert "Traceback" not in done.err
    resumed = work.run("train --fold 0").err
    assert "epoch 1/40" not in resumed
    assert "epoch 40/40" in resumed


@pytest.mark.long
@pytest.mark.slow
def test_folds_side_by_side_killed_end_as_if_undisturbed(workspace: Make) -> None:
    """The folds' processes end with the one that began them, and a Fault crosses to it."""
    calm = workspace("calm", trainer={"max_epochs": 4})  # one fold after the other gives the same
    shaken = workspace("shaken", trainer={"max_epochs": 4, "devices": "auto"})
    for work in (calm, shaken):
        work.run("prepare")
    calm.run("train")
    assert len(list(calm.path.glob("runs/base/*/model.safetensors"))) == 2
    said = shaken.path / "stderr.txt"

    def an_epoch_is_over() -> bool:
        return said.exists() and "epoch" in said.read_text(encoding="utf-8")

    for how, code in ((signal.SIGINT, 1), (KILL, KILLED)):
        killed = shaken.strike("train", "runs", wait=an_epoch_is_over, how=how)
        assert killed.code == code
        assert "Traceback" not in killed.err
        shaken.wait_until_left(10)
    shaken.run("train")
    assert shaken.bytes(KEPT[0]) == calm.bytes(KEPT[0])
    refused = shaken.run("train --trainer.gradient_clip_algorithm nonsense", check=False)
    assert refused.code == 1
    assert "Traceback" not in refused.err
