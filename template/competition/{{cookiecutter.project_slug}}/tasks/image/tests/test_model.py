"""The model: trained layers, learning rates, mixup and CutMix."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
from compete.errors import Fault
from compete.problems import get_problem

Make = Callable[..., Any]


def optimizer(model: Any, steps: int = 100) -> Any:
    """Return the optimizer and its schedule for a number of steps."""
    model.trainer = SimpleNamespace(estimated_stepping_batches=steps, precision_plugin=None)
    return model.configure_optimizers()


@pytest.mark.parametrize("tune", ["head", "full"])
def test_tune_trains_the_expected_layers(make: Make, fit: Make, tune: str) -> None:
    options = ("--model.tune", tune, "--model.ema", "0")
    _, model = make(*options)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    after = fit(*options)
    changed = {key for key, value in before.items() if not torch.equal(value, after[key])}
    if tune == "head":  # not even the backbone's batch statistics
        assert changed == {"net.classifier.weight", "net.classifier.bias"}
    else:
        assert changed >= {key for key, _ in model.named_parameters()}


def test_deeper_layers_have_lower_learning_rates(make: Make) -> None:
    _, model = make("--model.layer_decay", "0.5", "--model.lr", "0.01")
    made = optimizer(model)
    rate = {id(p): g["lr"] for g in made["optimizer"].param_groups for p in g["params"]}
    assert {id(p) for p in model.net.parameters()} == set(rate)
    by_name = {name: rate[id(p)] for name, p in model.net.named_parameters()}
    order = ["conv_stem", "blocks.0.0.conv", "blocks.2.0.conv_exp", "classifier"]
    assert all(a < b for a, b in pairwise(by_name[f"{name}.weight"] for name in order))
    assert max(made["lr_scheduler"]["scheduler"].base_lrs) == pytest.approx(0.01)


def test_vectors_have_no_weight_decay(make: Make) -> None:
    _, model = make()
    for group in optimizer(model)["optimizer"].param_groups:
        assert {p.ndim <= 1 for p in group["params"]} == {group["weight_decay"] == 0}


def test_gradual_tuning_starts_with_the_head(make: Make) -> None:
    _, model = make("--model.tune", "gradual")
    made = optimizer(model)
    scheduler, groups = made["lr_scheduler"]["scheduler"], made["optimizer"].param_groups

    def moving() -> set[int]:
        return {id(p) for group in groups for p in group["params"] if group["lr"] > 0}

    assert {id(p) for p in model.net.get_classifier().parameters()} <= moving()
    assert id(model.net.conv_stem.weight) not in moving()
    counts = []
    for _ in range(60):
        counts.append(len(moving()))
        made["optimizer"].step()
        scheduler.step()
    assert counts == sorted(counts)
    assert len(set(counts)) > 2
    assert moving() == {id(p) for p in model.net.parameters()}


@pytest.mark.parametrize("key", ["mixup", "cutmix"])
def test_mixed_images_have_mixed_targets(make: Make, key: str) -> None:
    data, model = make(f"--model.{key}", "1.0")
    images, targets = next(iter(data.train_dataloader()))
    torch.manual_seed(0)
    mixed, soft = model.mix(images.float(), targets)
    assert soft.shape == (len(targets), 3)
    assert torch.allclose(soft.sum(1), torch.ones(len(targets)))
    assert ((soft > 0) & (soft < 1)).any()
    assert not torch.equal(mixed, images.float())
    assert torch.isfinite(model.training_step((images, targets), 0))


def test_mixing_needs_classes(make: Make, author: Callable[[str], ModuleType]) -> None:
    data, _ = make()
    values = get_problem(replace(data.contract, problem="regression", metric="rmse", classes=[]))
    with pytest.raises(Fault, match="mixup and cutmix need classes"):
        author("model")._mixing(0.2, 0.0, values)


def test_logits_do_not_depend_on_image_size_or_dtype(make: Make) -> None:
    _, model = make()
    images = torch.full((2, 3, 32, 32), 77, dtype=torch.uint8)
    logits = model.eval()(images)
    assert logits.shape == (2, 3)
    assert torch.equal(model(images.float()), logits)
    assert torch.allclose(model(images[:, :, :16, :16]), logits, atol=1e-5)
