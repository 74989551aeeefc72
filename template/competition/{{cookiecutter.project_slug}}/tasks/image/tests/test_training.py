"""Training: what learns, how fast, and that a run is a function of its configuration."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
import torch
import yaml
from conftest import Package
from pictures import competition
from small import prepare_there, write

PARAMS = Path(__file__).parents[1] / "params.yaml"
Make = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("within")


@pytest.fixture(scope="module")
def prepared(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A competition of three kinds of pictures, prepared; shared, so change no file of it."""
    return prepare_there(competition(tmp_path_factory.mktemp("prepared"), PARAMS), package)


def optimizer(model: Any, steps: int = 100) -> Any:
    """The optimizer and its schedule, for a training of so many steps."""
    model.trainer = SimpleNamespace(estimated_stepping_batches=steps, precision_plugin=None)
    return model.configure_optimizers()


@pytest.mark.parametrize("preset", ["none", "light", "photo", "strong", "aerial"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_preset_keeps_shape_and_type(package: Package, preset: str, channels: int) -> None:
    chosen = package("modeling.augment").get_preset(preset, channels)
    picture = torch.randint(256, (channels, 32, 32), dtype=torch.uint8)
    for _ in range(5):
        changed = picture
        for transform in chosen.transforms(32):
            changed = transform(changed)
        assert (changed.shape, changed.dtype) == (picture.shape, torch.uint8)
    for view in chosen.views:
        assert view(picture[None]).shape == (1, channels, 32, 32)


def test_an_unknown_preset_is_refused(package: Package, fault: type[Exception]) -> None:
    with pytest.raises(fault, match=r"no augmentation preset 'wild'.*auto, none, light"):
        package("modeling.augment").get_preset("wild", 3)


def batches(data: Any, epoch: int) -> list[torch.Tensor]:
    """The pictures and the targets of an epoch."""
    loader = data.train_dataloader()
    loader.sampler.set_epoch(epoch)
    return [tensor for batch in loader for tensor in batch]


def test_an_epoch_is_the_same_whatever_the_number_of_workers(make: Make) -> None:
    data, _ = make("--data.augment", "strong")
    other, _ = make("--data.augment", "strong", "--data.num_workers", "2")
    first, second = batches(data, 1), batches(other, 1)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first, batches(data, 2), strict=True))


def test_a_fold_trains_on_the_other_folds_and_validates_on_itself(make: Make) -> None:
    data, _ = make()
    folds = data.table["train"]["fold"].to_numpy()
    assert set(folds[data.valid_rows]) == {0}
    assert set(folds[data.train_rows]) == {1, 2}
    assert len(data.valid_rows) + len(data.train_rows) == 60
    seen = torch.cat([targets for _, targets in data.val_dataloader()])
    assert torch.equal(seen, data.targets[data.valid_rows])


def test_balanced_sampling_draws_each_class_equally(make: Make) -> None:
    data, _ = make("--data.balanced_sampling", "true")
    rare = data.train_rows[data.train_targets.numpy() == 0][:2]
    common = data.train_rows[data.train_targets.numpy() != 0]
    data.train_rows = torch.cat([torch.from_numpy(rare), torch.from_numpy(common)]).numpy()
    drawn = torch.cat([targets for epoch in range(8) for targets in batches(data, epoch)[1::2]])
    share = (drawn == 0).float().mean().item()
    assert 0.2 < share < 0.47


def test_tuning_the_head_leaves_the_backbone_as_it_is(make: Make, fit: Make) -> None:
    options = ("--model.tune", "head", "--model.ema", "0")
    _, before = make(*options)
    start = {key: value.clone() for key, value in before.state_dict().items()}
    after = fit(*options)
    changed = {key for key, value in start.items() if not torch.equal(value, after[key])}
    assert changed == {"net.classifier.weight", "net.classifier.bias"}


def test_tuning_in_full_changes_every_layer(make: Make, fit: Make) -> None:
    _, before = make()
    start = {key: value.clone() for key, value in before.named_parameters()}
    after = fit("--model.ema", "0")
    assert all(not torch.equal(value, after[key]) for key, value in start.items())


def test_layers_learn_the_slower_the_deeper_they_lie(make: Make) -> None:
    _, model = make("--model.layer_decay", "0.5", "--model.lr", "0.01")
    groups = optimizer(model)["optimizer"].param_groups
    rate = {id(p): g["lr"] for g in groups for p in g["params"]}
    assert {id(p) for p in model.net.parameters()} == set(rate)
    peak = optimizer(model)["lr_scheduler"]["scheduler"].base_lrs
    by_name = {n: rate[id(p)] for n, p in model.net.named_parameters()}
    order = ["conv_stem.weight", "blocks.0.0.conv.weight", "blocks.2.0.conv_pw.weight"]
    rates = [by_name[name] for name in [*order, "classifier.weight"] if name in by_name]
    assert len(rates) >= 3
    assert all(a < b for a, b in pairwise(rates))
    assert max(peak) == pytest.approx(0.01)


def test_vectors_have_no_weight_decay(make: Make) -> None:
    _, model = make()
    for group in optimizer(model)["optimizer"].param_groups:
        vectors = {parameter.ndim <= 1 for parameter in group["params"]}
        assert vectors == {group["weight_decay"] == 0}


def test_gradual_tuning_begins_with_the_head(make: Make) -> None:
    _, model = make("--model.tune", "gradual")
    made = optimizer(model)
    scheduler, groups = made["lr_scheduler"]["scheduler"], made["optimizer"].param_groups
    head = {id(p) for p in model.net.get_classifier().parameters()}
    stem = id(model.net.conv_stem.weight)

    def moving() -> set[int]:
        return {id(p) for group in groups for p in group["params"] if group["lr"] > 0}

    assert head <= moving()
    assert stem not in moving()
    counts = []
    for _ in range(60):
        counts.append(len(moving()))
        made["optimizer"].step()
        scheduler.step()
    assert counts == sorted(counts)
    assert len(set(counts)) > 2
    assert moving() == {id(p) for p in model.net.parameters()}


@pytest.mark.parametrize("key", ["mixup", "cutmix"])
def test_mixed_pictures_have_mixed_targets(make: Make, key: str) -> None:
    data, model = make(f"--model.{key}", "1.0")
    pictures, targets = next(iter(data.train_dataloader()))
    torch.manual_seed(0)
    mixed, soft = model.mix(pictures.float(), targets)
    assert soft.shape == (len(targets), 3)
    assert torch.allclose(soft.sum(1), torch.ones(len(targets)))
    assert ((soft > 0) & (soft < 1)).any()
    assert not torch.equal(mixed, pictures.float())
    assert torch.isfinite(model.training_step((pictures, targets), 0))


def test_rare_classes_weigh_more(make: Make) -> None:
    data, _ = make()
    few = [row for row in data.train_rows if data.targets[row] != 0 or row % 4 == 0]
    targets = data.targets[few]
    _, model = make("--model.class_weights", "true")
    model._learn_targets(targets, True)
    counts = torch.bincount(targets)
    assert model.class_weight[0] > model.class_weight[1]
    assert torch.allclose(model.class_weight * counts, (model.class_weight * counts)[:1])


@pytest.fixture
def journey(
    package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """`journey(labels, header, **sections)` goes from labels to a submission; gives the metrics."""
    monkeypatch.chdir(tmp_path)

    def run(labels: list[str], header: str = "id,label", **sections: Any) -> dict[str, Any]:
        competition(tmp_path, PARAMS, rows=len(labels), **sections)
        rows = [f"{row},{label}" for row, label in enumerate(labels)]
        write(tmp_path / "data/raw/train.csv", "\n".join([header, *rows, ""]))
        blank = ",0" * header.count(",")
        sample = [header, *(f"{row}{blank}" for row in range(6)), ""]
        write(tmp_path / "data/raw/sample_submission.csv", "\n".join(sample))
        package("modeling.prepare").prepare()
        package("modeling.train").train(None, None, [])
        package("modeling.predict").predict()
        text = (tmp_path / "reports/metrics.json").read_text(encoding="utf-8")
        metrics: dict[str, Any] = json.loads(text)
        return metrics

    return run


@pytest.mark.parametrize("metric", ["rmse", "rmsle", "mae"])
def test_values_are_predicted_in_their_own_scale(
    journey: Make, package: Package, tmp_path: Path, metric: str
) -> None:
    """Values of 1,000 and more, from one epoch of a network that starts near zero."""
    labels = [f"{1000 + 100 * (row % 3) + row % 7}" for row in range(30)]
    metrics = journey(
        labels,
        "id,price",
        competition={"metric": metric},
        data={"folds": 2},
        model={"ema": 0.0, "lr": 1e-4},
    )
    prices = pl.read_csv(tmp_path / "submissions/submission.csv")["price"]
    assert prices.is_between(700, 1600).all()
    assert metrics["cv"]["metric"] == metric
    assert metrics["cv"]["direction"] == "minimize"
    assert metrics["cv"]["score"] < (0.5 if metric == "rmsle" else 400)
    verdict = package("kaggle.validate").validate(
        tmp_path / "submissions/submission.csv", package("competition").Contract.load()
    )
    assert not verdict.faults


def test_predictions_for_rmsle_are_never_negative(
    make: Make, package: Package, contract: Make
) -> None:
    _, model = make()
    model.contract = contract(problem="regression", metric="rmsle", classes=[])
    model.target_mean, model.target_std = torch.zeros(1), torch.ones(1)
    assert model.answers(torch.tensor([[-3.0]])).item() == 0


def test_several_labels_are_predicted_each(journey: Make, package: Package, tmp_path: Path) -> None:
    labels = [["1,0", "0,1", "1,1"][row % 3] for row in range(30)]
    metrics = journey(labels, "id,across,down", competition={"metric": "auto"}, data={"folds": 2})
    assert metrics["cv"]["metric"] == "micro_f1"
    table = pl.read_csv(tmp_path / "submissions/submission.csv")
    assert table.columns == ["id", "across", "down"]
    assert set(table["across"]) | set(table["down"]) <= {0, 1}


def test_the_averaged_weights_are_those_that_are_scored_and_kept(
    journey: Make, tmp_path: Path
) -> None:
    labels = ["abc"[row % 3] for row in range(30)]
    metrics = journey(
        labels,
        competition={"metric": "accuracy"},
        data={"folds": 2, "test_time_augmentation": False},
        model={"ema": 0.9},
        trainer={"max_epochs": 2},
    )
    for fold in (0, 1):
        state = json.loads((tmp_path / f"runs/base/fold{fold}/fold.json").read_text("utf-8"))
        assert state["finished"]
        assert state["scores"]["accuracy"] == pytest.approx(
            metrics["members"]["base"]["folds"][fold]
        )


def test_prediction_is_refused_before_training_and_after_other_folds(
    journey: Make, package: Package, fault: type[Exception], tmp_path: Path
) -> None:
    competition(tmp_path, PARAMS, rows=30)
    package("modeling.prepare").prepare()
    with pytest.raises(fault, match="compete train"):
        package("modeling.predict").predict()
    journey(["abc"[row % 3] for row in range(30)], data={"folds": 2})
    competition(tmp_path, PARAMS, rows=30, data={"folds": 3})
    package("modeling.prepare").prepare()  # the models have seen what these folds hold out
    with pytest.raises(fault, match="compete train"):
        package("modeling.predict").predict()


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        (["--model.lrr", "1"], "lrr"),
        (["--model.lr", "fast"], "lr"),
        (["--data.image_size", "large"], "image_size"),
        (["--data.batch_size", "2.5"], "batch_size"),
        (["--trainer.max_epoch", "1"], "max_epoch"),
        (["--trainer.precision", "half"], "precision"),
        (["--model.tune", "some"], "some"),
        (["--data.augment", "wild"], "wild"),
        (["--model.backbone", "resnet5000"], "resnet5000"),
        (["--trainer.accelerator", "quantum"], "quantum"),
    ],
)
def test_a_wrong_key_or_value_is_refused_by_name(
    package: Package, within: Path, fault: type[Exception], overrides: list[str], named: str
) -> None:
    with pytest.raises(fault, match=named):
        package("modeling.train").train(0, None, overrides)


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [("model", "learning_rate", 1), ("model", "ema", "none"), ("extra", "key", 1)],
)
def test_a_wrong_line_of_the_file_is_refused_by_name(
    package: Package,
    fault: type[Exception],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    section: str,
    key: str,
    value: Any,
) -> None:
    competition(tmp_path, PARAMS, rows=0)
    path = tmp_path / "params.yaml"
    params = yaml.safe_load(path.read_text(encoding="utf-8"))
    params.setdefault(section, {})[key] = value
    path.write_text(yaml.safe_dump(params), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(fault, match=key if section != "extra" else section):
        package("modeling.config").load_config("base")


def test_a_members_own_keys_are_laid_over_the_projects(
    package: Package, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    competition(tmp_path, PARAMS, rows=0)
    write(tmp_path / "members/second.yaml", "model: {backbone: test_vit}\n")
    monkeypatch.chdir(tmp_path)
    config = package("modeling.config")
    assert config.member_names() == ["base", "second"]
    assert config.load_config("second").model.backbone == "test_vit"
    assert config.load_config("second").model.weights == "none"
    assert config.load_config("second", ["--model.weights", "hub"]).model.weights == "hub"
    with pytest.raises(fault, match=r"no member 'third'.*base, second"):
        config.load_config("third")
