"""A linear member of texts goes through the same folds as the encoder beside it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from authors import TASKS
from competitions.texts import competition
from fork_server import Launcher, make_launcher
from safetensors.numpy import load_file
from samples import write

from compete.files import FOLD

from .harness import Workspace

Make = Callable[..., Workspace]
LINEAR = (TASKS / "text/members/linear.yaml").read_text(encoding="utf-8")
IMPORTS = ("jsonargparse", "lightning", "polars", "sklearn.linear_model", "torch", "transformers")


@pytest.fixture(scope="module")
def text_env(env: dict[str, str], authors: Callable[[str], Path]) -> dict[str, str]:
    """The variables of the commands, which lead them to the author's part of the text task."""
    return env | {"PYTHONPATH": str(authors("text"))}


@pytest.fixture(scope="module")
def text_launcher(text_env: dict[str, str]) -> Iterator[Launcher]:
    """What runs the tests' commands."""
    made = make_launcher(IMPORTS, text_env)
    yield made
    made.close()


@pytest.fixture
def texts(text_launcher: Launcher, text_env: dict[str, str], tmp_path: Path) -> Make:
    """`texts("name", **sections)`: prepared texts of three kinds, with both default members."""

    def run(name: str, **sections: Any) -> Workspace:
        root = tmp_path / name
        competition(root, **sections)
        write(root / "members/linear.yaml", LINEAR)
        work = Workspace(root, text_launcher, text_env)
        work.run("prepare")
        return work

    return run


def models(work: Workspace) -> dict[str, int]:
    """When each model was written."""
    paths = work.path.glob("runs/*/fold*/model.safetensors")
    return {"/".join(path.parts[-3:-1]): path.stat().st_mtime_ns for path in paths}


def test_both_members_are_scored_on_the_same_folds_and_blended(texts: Make) -> None:
    work = texts("work", trainer={"max_epochs": 2})
    work.run("train", "predict")
    scores = work.json("reports/metrics.json")
    assert set(scores["members"]) == {"base", "linear"}
    assert scores["members"]["linear"]["score"] > 0.9
    assert scores["cv"]["score"] >= max(one["score"] for one in scores["members"].values())
    folds = [
        pl.read_parquet(work.path / f"predictions/{name}/oof.parquet", columns=["row", "fold"])
        for name in ("base", "linear")
    ]
    assert folds[0].equals(folds[1])
    assert work.json("runs/linear/fold0/fold.json")["epochs"] == 1


def test_a_fold_knows_no_n_gram_that_only_its_validation_rows_or_the_test_rows_hold(
    texts: Make,
) -> None:
    """Each text ends in a number of its own."""
    work = texts("work")
    work.run("train --member linear")
    table = pl.read_parquet(work.path / "data/processed/train.parquet")
    number = table["text"].str.extract(r"(\d\d)$")
    for fold in range(3):
        weights = load_file(work.path / f"runs/linear/fold{fold}/model.safetensors")
        words = set().union(*json.loads(weights["net.vocabulary"].tobytes()))
        known = set(number.filter(table[FOLD] != fold).drop_nulls())
        assert known <= words
        assert not (set(number.drop_nulls()) - known) & words
        assert not {f"1{i:02}" for i in range(9)} & words


def test_killed_training_trains_nothing_twice_and_ends_as_if_undisturbed(texts: Make) -> None:
    calm, shaken = texts("calm"), texts("shaken")
    calm.run("train", "predict")

    def the_second_fold_began() -> bool:
        return (shaken.path / "runs/linear/fold1/fold.json").exists()

    shaken.strike("train --member linear", "runs", wait=the_second_fold_began)
    before = {"linear/fold0": models(shaken)["linear/fold0"]}
    shaken.run("train", "predict")
    after = models(shaken)
    assert {name: after[name] for name in before} == before
    assert len(after) == 6
    again = shaken.run("train").err
    assert again.count("already finished, kept") == 6
    assert models(shaken) == after
    kept = ("runs/*/*/model.safetensors", "submissions/submission.csv")
    assert shaken.bytes(*kept) == calm.bytes(*kept)
