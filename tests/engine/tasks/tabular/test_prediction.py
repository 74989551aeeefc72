"""From tables to a submission: what learns, what must not, and every kind of target."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from competitions.tables import competition, noise, people
from samples import write
from small import predict_again_as_on_kaggle

from compete.contract import Contract
from compete.errors import Fault
from compete.records import Scores
from compete.supervised.module import CompetitionModule
from compete.supervised.predict import predict
from compete.supervised.prepare import prepare
from compete.supervised.train import train
from compete.supervised.validate import validate
from compete.tasks.tabular.explain import explain

TASK = "tabular"
Start = Callable[..., Path]
Make = Callable[..., Any]


@pytest.fixture
def start(author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """`start(table, model={...})` prepares a competition of this training table, and goes there."""

    def run(train: pl.DataFrame | None = None, targets: int = 1, **sections: Any) -> Path:
        competition(tmp_path, train, targets, **sections)
        monkeypatch.chdir(tmp_path)
        prepare()
        return tmp_path

    return run


def score(*overrides: str) -> Scores:
    """Train all folds, predict, and return the scores."""
    train(None, None, list(overrides))
    predict()
    assert not validate(Path("submissions/submission.csv"), Contract.load()).faults
    scores = Scores.load()
    assert scores is not None
    return scores


def test_folds_of_another_contract_predict_nothing(start: Start) -> None:
    root = start(competition={"metric": "auc", "positive_class": "1"})
    score("--model.backbone", "catboost")
    params = (root / "params.yaml").read_text("utf-8")
    (root / "params.yaml").write_text(params.replace("positive_class: '1'", "positive_class: '0'"))
    prepare()
    with pytest.raises(Fault, match=r"No fold of any member is trained.*compete train"):
        predict()


def test_too_little_memory_is_told_and_nothing_is_written(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = start(model={"backbone": "catboost"})
    train(0, None, [])
    monkeypatch.setattr(CompetitionModule, "predict_batch", lambda *_: torch.empty(10**15))
    with pytest.raises(Fault, match=r"not enough memory: .*allocate.* CUDA_VISIBLE_DEVICES"):
        predict()
    assert not list(root.glob("submissions/*.csv"))


@pytest.mark.parametrize("backbone", ["tabm", "catboost"])
def test_a_label_that_leaks_through_a_category_wins_nothing_out_of_fold(
    start: Start, backbone: str
) -> None:
    """With its target's mean over all rows, a category of three rows would tell most of them."""
    start(noise(300, each=3), model={"backbone": backbone})
    epochs = "1" if backbone == "catboost" else "8"
    scores = score("--trainer.max_epochs", epochs, "--model.lr", "0.01")
    assert abs(scores.cv.score - 0.5) < 0.12


@pytest.mark.parametrize("backbone", ["tabm", "tabm-mini", "catboost"])
def test_it_learns_from_columns_of_every_kind(start: Start, backbone: str) -> None:
    start(people(240), model={"backbone": backbone, "k": 8, "width": 32, "trees": 200})
    epochs = "1" if backbone == "catboost" else "12"
    assert score("--trainer.max_epochs", epochs, "--model.lr", "0.02").cv.score > 0.85


def test_boosted_trees_weigh_classes_where_balanced_sampling_is_asked_for(
    start: Start, make: Make
) -> None:
    start(people(120), model={"backbone": "catboost"})
    shares = []
    for balanced in ("false", "true"):
        _, model = make("--data.balanced_sampling", balanced)
        model.on_fit_start()
        seen = torch.from_numpy(model.known.numbers), torch.from_numpy(model.known.codes)
        rare = torch.bincount(model.known_targets).argmin()
        shares.append(model.predict_batch(seen)[:, rare].mean().item())
    weight = model.stats_to_fit().weight * torch.bincount(model.known_targets)
    assert weight[0] == pytest.approx(weight[1])
    assert shares[1] > shares[0] + 0.01


def test_training_that_diverges_is_refused_in_a_sentence(start: Start) -> None:
    start(people(240), model={"k": 4, "width": 8})
    with pytest.raises(Fault, match=r"diverged.*model\.lr"):
        score("--model.lr", "1e30", "--trainer.gradient_clip_val", "null")


@pytest.mark.parametrize("backbone", ["tabm", "catboost"])
def test_training_twice_gives_the_same_weights(start: Start, fit: Make, backbone: str) -> None:
    root = start(model={"backbone": backbone})
    first = fit()
    (root / "runs/base/fold0/fold.json").unlink()
    second = fit()
    assert first.keys() == second.keys()
    assert all(torch.equal(value, second[key]) for key, value in first.items())


@pytest.mark.parametrize("backbone", ["tabm", "catboost"])
@pytest.mark.parametrize(
    ("metric", "targets"),
    [
        ("macro_f1", {"y": ["a", "b", "c", "d"]}),
        ("rmsle", {"y": [1.0, 10.0, 100.0, 1000.0]}),
        ("mae", {"y": [1.0, 2.0, 3.0, -4.0]}),
        ("rmse", {"u": [1.0, 2.0, 3.0, 4.0], "v": [0.1, 0.1, 0.5, 0.9]}),
        ("auc", {"old": [0, 1, 0, 1], "tall": [1, 1, 1, 0]}),
    ],
)
def test_every_kind_of_target_is_predicted(
    start: Start, backbone: str, metric: str, targets: dict[str, list[Any]]
) -> None:
    columns = [
        pl.Series(name, [values[n % 4] for n in range(60)]) for name, values in targets.items()
    ]
    table = people(60).drop("y").with_columns(columns)
    start(table, len(targets), competition={"metric": metric}, model={"backbone": backbone})
    assert score().cv.rows == 60
    submission = pl.read_csv("submissions/submission.csv")
    assert submission.columns == ["id", *targets]
    if metric == "rmsle":
        assert submission["y"].min() >= 0  # type: ignore[operator]


def test_a_fold_whose_rows_are_all_of_one_class_trains(start: Start) -> None:
    """In folds by time a class may appear late."""
    table = people(60).with_columns(y=pl.Series([0] * 25 + [1] * 35), day=pl.Series(range(60)))
    table = table.select(pl.exclude("y"), "y")
    start(table, data={"time_column": "day"})
    for backbone in ("tabm", "catboost"):
        assert 0 <= score("--model.backbone", backbone).cv.score <= 1


def test_weights_for_tables_are_refused_by_name(start: Start, make: Make) -> None:
    start()
    with pytest.raises(Fault, match=r"no weights for tables.*weights: none"):
        make("--model.weights", "hub")
    with pytest.raises(Fault, match=r"backbone.*'tabm', 'tabm-mini', 'catboost', 'kernel'.*forest"):
        make("--model.backbone", "forest")


def test_members_are_blended(start: Start) -> None:
    root = start(people(120))
    write(root / "members/boosting.yaml", "model: {backbone: catboost}\n")
    scores = score()
    assert set(scores.members) == {"base", "boosting"}
    assert scores.cv.score >= max(member.score for member in scores.members.values())
    predict_again_as_on_kaggle()


def test_the_columns_that_predictions_rest_on_are_told(start: Start, fit: Make) -> None:
    start(people(240))
    fit("--trainer.max_epochs", "20", "--model.lr", "0.01")
    (explanation,) = explain(Contract.load(), [0, 1])
    assert {name for name, _ in explanation.bars[:2]} == {"age", "town"}


def test_other_test_rows_are_predicted_anew_by_the_same_weights(start: Start) -> None:
    root = start()
    score()
    weights = (root / "runs/base/fold0/model.safetensors").read_bytes()
    before = pl.read_parquet("predictions/base/fold0-test.parquet")
    test = root / "data/raw/test.csv"
    pl.read_csv(test).with_columns(pl.col("age").reverse()).write_csv(test)
    prepare()
    score()
    assert (root / "runs/base/fold0/model.safetensors").read_bytes() == weights
    assert not pl.read_parquet("predictions/base/fold0-test.parquet").equals(before)


def test_a_fold_of_another_network_is_refused_with_what_to_do(start: Start) -> None:
    root = start()
    score()
    kept = root / "runs/base/fold0/config.yaml"
    kept.write_text(kept.read_text(encoding="utf-8").replace("width: 16", "width: 24"), "utf-8")
    for file in root.glob("predictions/base/fold0-*.parquet"):
        file.unlink()
    with pytest.raises(Fault, match=r"fold0 can't be loaded.*compete train"):
        predict()


def test_of_folds_by_time_the_newest_predicts_the_test_rows(start: Start) -> None:
    table = people(90).with_columns(since=pl.Series(range(90)))
    start(table, data={"folds": 3, "time_column": "since"}, model={"backbone": "catboost"})
    score("--trainer.max_epochs", "1")
    test, *folds = (
        pl.read_parquet(f"predictions/base/{name}.parquet")["p_1"].to_list()
        for name in ("test", "fold0-test", "fold1-test", "fold2-test")
    )
    assert test == folds[2]
    assert test != folds[1]


def test_one_of_several_columns_makes_probabilities_that_sum_to_one(start: Start) -> None:
    kinds = pl.Series([number % 3 for number in range(60)])
    columns = {name: (kinds == place).cast(pl.Int64) for place, name in enumerate("abc")}
    table = people(60).drop("y").with_columns(**columns)
    start(table, targets=3, competition={"metric": "log_loss"}, model={"backbone": "catboost"})
    score("--trainer.max_epochs", "1")
    sums = pl.read_csv("submissions/submission.csv").select("a", "b", "c").sum_horizontal()
    assert sums.to_list() == pytest.approx([1] * sums.len())
