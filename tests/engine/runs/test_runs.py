"""What is trained again and what is kept, ensembles, precision, several processes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from competitions import tables, texts
from fork_server import Launcher

from .harness import Workspace, variables

Make = Callable[..., Workspace]


def models(work: Workspace) -> dict[str, int]:
    """When each model was written."""
    paths = work.path.glob("runs/*/fold*/model.safetensors")
    return {"/".join(path.parts[-3:-1]): path.stat().st_mtime_ns for path in paths}


def test_only_what_has_changed_is_trained(workspace: Make) -> None:
    work = workspace(trainer={"max_epochs": 1})
    work.run("prepare")
    assert "epoch" in work.run("train").err
    first = models(work)
    assert set(first) == {"base/fold0", "base/fold1"}

    again = work.run("train").err
    assert again.count("already finished, kept") == 2
    assert "epoch" not in again
    work.run("train --trainer.log_every_n_steps 7 --data.test_time_augmentation false")
    assert models(work) == first

    (work.path / "members/second.yaml").write_text(
        "model: {backbone: test_vit}\n", encoding="utf-8"
    )
    assert work.run("train").err.count("already finished, kept") == 2
    second = models(work)
    assert set(second) == {*first, "second/fold0", "second/fold1"}
    assert {name: second[name] for name in first} == first

    work.run("predict")
    metrics = work.json("reports/metrics.json")
    members = metrics["members"]
    assert set(members) == {"base", "second"}
    assert sum(member["weight"] for member in members.values()) == pytest.approx(1)
    assert metrics["cv"]["score"] >= max(member["score"] for member in members.values())
    assert (work.path / "predictions/blend/oof.parquet").exists()

    work.run("train --member base --fold 0 --model.lr 1e-3")
    changed = {name for name, when in models(work).items() if when != second[name]}
    assert changed == {"base/fold0"}


def test_a_hold_out_trains_the_last_fold_only(workspace: Make) -> None:
    work = workspace(data={"trained_folds": 1}, trainer={"max_epochs": 1})
    work.run("prepare")
    refused = work.run("train --data.trained_folds 3", check=False)
    assert refused.code == 1
    assert "`trained_folds: 3`" in refused.err
    assert not models(work)
    work.run("train", "predict")
    first = models(work)
    assert set(first) == {"base/fold1"}
    metrics = work.json("reports/metrics.json")
    assert metrics["members"]["base"]["trained"] == [1]
    assert metrics["cv"]["rows"] < 160

    work.run("train --data.trained_folds all")
    assert set(models(work)) == {"base/fold0", "base/fold1"}
    assert models(work)["base/fold1"] == first["base/fold1"]


def test_half_precision_trains_and_predicts(workspace: Make) -> None:
    work = workspace(trainer={"max_epochs": 1, "precision": "bf16-mixed"})
    work.run("prepare", "train", "predict")
    assert work.json("runs/base/fold0/fold.json")["precision"] == "bf16-mixed"


@pytest.mark.parametrize(("task", "backbone"), [("tabular", "catboost"), ("text", "tfidf")])
def test_what_takes_no_steps_trains_in_two_processes(
    launcher: Launcher, authors: Callable[[str], Path], tmp_path: Path, task: str, backbone: str
) -> None:
    work = Workspace(tmp_path / "work", launcher, variables(authors(task)))
    {"tabular": tables, "text": texts}[task].competition(
        work.path,
        data={"folds": 2, "trained_folds": 1},
        model={"backbone": backbone},
        trainer={"accumulate_grad_batches": 2, "gradient_clip_val": 1.0},
    )
    work.run("prepare")
    done = work.run_as_two("train")
    assert done.code == 0, done.err
    assert work.json("runs/base/fold1/fold.json")["devices"] == 2
    work.run("predict")


def test_two_processes_train_as_one(workspace: Make) -> None:
    """Without batch norm it makes no difference whether one process or two share the batches."""
    settings: dict[str, Any] = {"model": {"backbone": "test_vit"}}
    alone, pair = workspace("alone", **settings), workspace("pair", **settings)
    alone.run("prepare")
    alone.run("train")
    pair.run("prepare")
    done = pair.run_as_two("train")
    assert done.code == 0, done.err
    for fold in (0, 1):
        one, two = (work.json(f"runs/base/fold{fold}/fold.json") for work in (alone, pair))
        assert (one["devices"], two["devices"]) == (1, 2)
        assert two["scores"]["loss"] == pytest.approx(one["scores"]["loss"], rel=0.01)
        assert two["scores"]["accuracy"] == pytest.approx(one["scores"]["accuracy"], abs=0.05)
        assert done.err.count(f"base fold {fold}  epoch 2/2") == 1
        assert not list(pair.path.glob("runs/base/fold*/last*.ckpt"))
    names = [
        {path.relative_to(work.path) for path in work.path.rglob("runs/**/*")}
        for work in (alone, pair)
    ]
    assert names[0] == names[1]
    pair.run("predict", "validate submissions/submission.csv")
