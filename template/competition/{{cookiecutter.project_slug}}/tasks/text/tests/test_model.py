"""The model: trained layers, learning rates, LoRA and gradient checkpointing."""

from collections.abc import Callable
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest
import torch

Make = Callable[..., Any]


def test_deeper_layers_have_lower_learning_rates(make: Make) -> None:
    _, model = make("--model.layer_decay", "0.5", "--model.lr", "0.01", "--model.head_lr", "0.1")
    rate = {id(p): group["lr"] for group in model.parameter_groups() for p in group["params"]}
    assert {id(p) for p in model.net.parameters()} == set(rate)
    by_name = {name: rate[id(p)] for name, p in model.net.named_parameters()}
    layers = [f"bert.encoder.layer.{layer}.output.dense.weight" for layer in range(4)]
    order = ["bert.embeddings.word_embeddings.weight", *layers, "classifier.weight"]
    rates = [by_name[name] for name in order]
    assert all(a < b for a, b in pairwise(rates))
    assert (rates[-2], rates[-1]) == (0.01, 0.1)


def test_vectors_have_no_weight_decay(make: Make) -> None:
    _, model = make()
    for group in model.parameter_groups():
        assert {p.ndim <= 1 for p in group["params"]} == {group["weight_decay"] == 0}


def test_wider_encoders_have_lower_learning_rates(author: Callable[[str], ModuleType]) -> None:
    rates = [author("model").usual_lr(width) for width in (256, 384, 768, 1024)]
    assert all(a >= b for a, b in pairwise(rates))
    assert rates[2] == pytest.approx(3e-5)


def test_training_changes_every_layer(make: Make, fit: Make) -> None:
    _, model = make()
    before = {key: value.clone() for key, value in model.named_parameters()}
    after = fit("--model.ema", "0")
    assert all(not torch.equal(value, after[key]) for key, value in before.items())


def test_lora_does_not_change_the_encoder(make: Make) -> None:
    pytest.importorskip("peft")
    data, model = make("--model.lora", "4")
    learning = [name for name, p in model.named_parameters() if p.requires_grad]
    assert learning
    assert all("lora" in name or "classifier" in name for name in learning)
    grouped = {id(p) for group in model.parameter_groups() for p in group["params"]}
    assert grouped == {id(p) for p in model.parameters() if p.requires_grad}
    assert torch.isfinite(model.training_step(next(iter(data.train_dataloader())), 0))


def test_gradient_checkpointing_does_not_change_gradients(make: Make) -> None:
    found = []
    for option in ("false", "true"):
        data, model = make("--model.gradient_checkpointing", option, "--model.dropout", "0.0")
        loss = model.training_step(next(iter(data.train_dataloader())), 0)
        loss.backward()
        found.append(torch.stack([loss.detach(), model.net.classifier.weight.grad.norm()]))
    assert torch.allclose(found[0], found[1])
