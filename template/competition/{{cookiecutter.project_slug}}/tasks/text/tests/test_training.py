"""Training: what learns, how fast, and that a run is a function of its configuration."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
import yaml
from conftest import Package
from small import prepare_there, write
from texts import competition, rows

PARAMS = Path(__file__).parents[1] / "params.yaml"
Make = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("within")


@pytest.fixture(scope="module")
def prepared(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A competition of three kinds of texts, prepared; shared, so change no file of it."""
    return prepare_there(competition(tmp_path_factory.mktemp("prepared"), PARAMS), package)


def test_batches_are_padded_to_their_longest_row(make: Make) -> None:
    data, model = make()
    for inputs, targets in data.train_dataloader():
        lengths = inputs["attention_mask"].sum(dim=1)
        assert inputs["input_ids"].shape == (8, lengths.max())
        assert (
            inputs["input_ids"][inputs["attention_mask"] == 0] == data.tokens["train"].pad
        ).all()
        assert targets.shape == (8,)
    model.eval()
    inputs, _ = next(iter(data.val_dataloader()))
    size = int(inputs["attention_mask"][-1].sum())
    alone = {key: value[-1:, :size] for key, value in inputs.items()}
    assert torch.allclose(model(inputs)[-1:], model(alone), atol=1e-5), "padding is not seen"


def test_an_epoch_is_the_same_whatever_the_number_of_workers(make: Make) -> None:
    def batches(data: Any, epoch: int) -> list[torch.Tensor]:
        loader = data.train_dataloader()
        loader.batch_sampler.sampler.set_epoch(epoch)
        return [inputs["input_ids"] for inputs, _ in loader]

    data, _ = make()
    other, _ = make("--data.num_workers", "2")
    first, second = batches(data, 1), batches(other, 1)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    later = batches(data, 2)
    assert any(
        a.shape != b.shape or not torch.equal(a, b) for a, b in zip(first, later, strict=True)
    )


def test_a_fold_trains_on_the_other_folds_and_validates_on_itself(make: Make) -> None:
    data, _ = make()
    folds = data.table["train"]["fold"].to_numpy()
    assert set(folds[data.valid_rows]) == {0}
    assert set(folds[data.train_rows]) == {1, 2}
    seen = torch.cat([targets for _, targets in data.val_dataloader()])
    assert torch.equal(seen, data.targets[torch.from_numpy(data.valid_rows)])
    lengths = data.tokens["test"].ids.lengths[data.test_rows]
    assert np.all(np.diff(lengths) <= 0)
    assert sorted(data.test_rows) == list(range(9))


def test_layers_learn_the_slower_the_deeper_they_lie(make: Make) -> None:
    _, model = make("--model.layer_decay", "0.5", "--model.lr", "0.01", "--model.head_lr", "0.1")
    groups = model.parameter_groups()
    rate = {id(p): group["lr"] for group in groups for p in group["params"]}
    assert {id(p) for p in model.net.parameters()} == set(rate)
    by_name = {name: rate[id(p)] for name, p in model.net.named_parameters()}
    order = ["bert.embeddings.word_embeddings.weight"]
    order += [f"bert.encoder.layer.{layer}.output.dense.weight" for layer in range(4)]
    rates = [by_name[name] for name in [*order, "classifier.weight"]]
    assert all(a < b for a, b in pairwise(rates))
    assert (rates[-2], rates[-1]) == (0.01, 0.1)
    for group in groups:
        assert {p.ndim <= 1 for p in group["params"]} == {group["weight_decay"] == 0}


def test_lora_trains_little_and_predicts(make: Make, fit: Make, package: Package) -> None:
    pytest.importorskip("peft")
    options = ("--model.lora", "4", "--model.ema", "0", "--model.lr", "0.01")
    _, before = make(*options)
    start = {key: value.clone() for key, value in before.state_dict().items()}
    after = fit(*options)
    changed = {key for key, value in start.items() if not torch.equal(value, after[key])}
    assert changed
    assert all("lora" in key or "classifier" in key for key in changed)
    assert sum(start[key].numel() for key in changed) < 0.1 * sum(v.numel() for v in start.values())
    package("modeling.predict").predict()


def test_gradient_checkpointing_changes_nothing_but_memory(make: Make) -> None:
    losses = []
    for option in ("false", "true"):
        torch.manual_seed(0)
        data, model = make("--model.gradient_checkpointing", option, "--model.dropout", "0.0")
        batch = next(iter(data.train_dataloader()))
        loss = model.training_step(batch, 0)
        loss.backward()
        losses.append(torch.stack([loss.detach(), model.net.classifier.weight.grad.norm()]))
    assert torch.allclose(losses[0], losses[1])


@pytest.fixture
def journey(
    package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """`journey(train, target, **sections)` goes from files to a submission; gives the metrics."""
    monkeypatch.chdir(tmp_path)

    def run(train: list[dict[str, Any]], target: str = "label", **sections: Any) -> dict[str, Any]:
        competition(tmp_path, PARAMS, train, rows(9, 100), target, **sections)
        package("modeling.prepare").prepare()
        package("modeling.train").train(None, None, [])
        package("modeling.predict").predict()
        text = (tmp_path / "reports/metrics.json").read_text(encoding="utf-8")
        metrics: dict[str, Any] = json.loads(text)
        verdict = package("kaggle.validate").validate(
            tmp_path / "submissions/submission.csv", package("competition").Contract.load()
        )
        assert not verdict.faults
        return metrics

    return run


def test_classes_are_learnt_and_rows_keep_their_order(journey: Make, tmp_path: Path) -> None:
    options = {"data": {"folds": 2}, "trainer": {"max_epochs": 8}, "model": {"ema": 0.0}}
    metrics = journey(rows(60), **options)
    assert metrics["cv"]["score"] > 0.8
    table = pl.read_csv(tmp_path / "submissions/submission.csv")
    assert table["id"].to_list() == list(range(100, 109))
    right = sum(a == b for a, b in zip(table["label"], ["calm", "fire", "flood"] * 3, strict=True))
    assert right >= 7
    oof = pl.read_parquet(tmp_path / "predictions/base/oof.parquet")
    assert oof["row"].to_list() == list(range(60))


def test_values_are_predicted_in_their_own_scale(journey: Make, tmp_path: Path) -> None:
    train = [row | {"label": 1000 + 100 * (i % 3) + i % 7} for i, row in enumerate(rows(30))]
    metrics = journey(
        train,
        competition={"metric": "rmse"},
        data={"folds": 2},
        model={"ema": 0.0, "lr": 1e-4},
    )
    assert pl.read_csv(tmp_path / "submissions/submission.csv")["label"].is_between(700, 1600).all()
    assert metrics["cv"]["score"] < 400


def test_several_labels_are_predicted_each(
    package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    train = [
        row | {"wet": int(i % 3 == 2), "hot": int(i % 3 == 1)} for i, row in enumerate(rows(30))
    ]
    for row in train:
        row.pop("label")
    test = [{"id": row["id"], "text": row["text"], "place": "north"} for row in rows(6, 100)]
    competition(
        tmp_path, PARAMS, train, test, "wet", competition={"metric": "auc"}, data={"folds": 2}
    )
    lines = ["id,wet,hot", *(f"{row['id']},0.5,0.5" for row in test), ""]
    write(tmp_path / "data/raw/sample_submission.csv", "\n".join(lines))
    package("modeling.prepare").prepare()
    package("modeling.train").train(None, None, [])
    package("modeling.predict").predict()
    table = pl.read_csv(tmp_path / "submissions/submission.csv")
    assert table.columns == ["id", "wet", "hot"]
    assert table.select(pl.all_horizontal(pl.col("wet", "hot").is_between(0, 1)).all()).item()


def test_a_class_that_only_one_fold_holds_is_no_obstacle(journey: Make) -> None:
    train = [*rows(30), rows(1)[0] | {"id": 99, "text": "one of its kind", "label": "alone"}]
    metrics = journey(train, competition={"metric": "macro_f1"}, data={"folds": 2})
    assert metrics["cv"]["rows"] == 31


def test_a_run_is_kept_without_the_weights_it_began_with(
    fit: Make, within: Path, package: Package
) -> None:
    fit()
    kept = yaml.safe_load((within / "runs/base/fold0/config.yaml").read_text(encoding="utf-8"))
    assert kept["model"]["weights"] == "none"
    assert (within / kept["model"]["backbone"] / "config.json").is_file()


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        (["--model.lrr", "1"], "lrr"),
        (["--model.lr", "fast"], "lr"),
        (["--data.max_length", "long"], "max_length"),
        (["--data.text_columns", "text"], "text_columns"),
        (["--trainer.max_epoch", "1"], "max_epoch"),
        (["--model.weights", "nowhere"], "compete prepare"),
        (["--trainer.accelerator", "quantum", "--model.lr", "0.5"], "quantum"),
    ],
)
def test_a_wrong_key_or_value_is_refused_by_name(
    package: Package, within: Path, fault: type[Exception], overrides: list[str], named: str
) -> None:
    with pytest.raises(fault, match=named):
        package("modeling.train").train(0, None, overrides)
