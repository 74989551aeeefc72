"""The model: TabM, boosted trees, and a kernel method."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from compete.errors import Fault

Make = Callable[..., Any]


@pytest.mark.parametrize("backbone", ["tabm", "tabm-mini", "catboost", "kernel"])
def test_each_backbone_trains_and_reloads(make: Make, fit: Make, backbone: str) -> None:
    epochs = "1" if backbone in ("catboost", "kernel") else "12"
    options = ("--model.backbone", backbone, "--trainer.max_epochs", epochs, "--model.lr", "0.02")
    weights = fit(*options)
    data, model = make(*options)
    model.load_state_dict(weights)
    inputs, *_ = next(iter(data.train_dataloader()))
    _, again = make(*options)
    again.load_state_dict(model.state_dict())
    found = model.eval().predict_batch(inputs)
    assert torch.equal(again.eval().predict_batch(inputs), found)
    assert torch.allclose(found.sum(dim=1), torch.ones(len(found)))
    every, right = zip(*data.val_dataloader(), strict=True)
    hits = torch.cat([model.predict_batch(batch).argmax(dim=1) for batch in every])
    assert (hits == torch.cat(right)).float().mean() > 0.6


@pytest.mark.parametrize("embedding", ["piecewise", "periodic", "none"])
def test_numeric_columns_use_the_embedding(make: Make, embedding: str) -> None:
    data, model = make("--model.embedding", embedding)
    kind = {"piecewise": "PiecewiseLinear", "periodic": "Periodic", "none": None}[embedding]
    names = {type(module).__name__ for module in model.net.modules()}
    assert any("Embeddings" in name for name in names) == (kind is not None)
    assert kind is None or any(kind in name for name in names)
    batch = next(iter(data.train_dataloader()))
    assert torch.isfinite(model.training_step(batch, 0))


def test_each_submodel_has_its_own_loss(make: Make) -> None:
    data, model = make("--model.label_smoothing", "0", "--model.dropout", "0")
    inputs, targets, parts = next(iter(data.train_dataloader()))
    logits = model.net(*inputs)
    assert logits.shape == (len(targets), 2 * 4, 2)
    losses = [model.loss(logits[:, k], targets) for k in range(2 * 4)]
    found = model.training_step((inputs, targets, parts), 0)
    assert torch.allclose(found, torch.stack(losses).mean())


def test_each_tabm_learns_nothing_from_the_rows_that_it_leaves_out(make: Make) -> None:
    data, model = make("--model.dropout", "0")
    inputs, targets, parts = next(iter(data.train_dataloader()))
    assert sorted(parts.unique().tolist()) == [0, 1, 2, 3, 4]
    of_first = parts == 0
    rows = tuple(tensor[of_first] for tensor in inputs), targets[of_first], parts[of_first]
    model.training_step(rows, 0).backward()
    first, second = (
        [weight.grad for weight in one.parameters() if weight.grad is not None]
        for one in model.net.tabms
    )
    assert not any(gradient.any() for gradient in first)
    assert any(gradient.any() for gradient in second)


def test_auto_batch_size_is_a_sixteenth_of_the_rows(make: Make) -> None:
    data, _ = make()
    for rows, size in ((40, 32), (1000, 64), (4000, 256), (10**6, 1024)):
        data.train_rows = np.arange(rows)
        assert data.auto_batch_size() == size


def test_pretrained_weights_are_an_error(make: Make) -> None:
    with pytest.raises(Fault, match=r"no weights for tables.*weights: none"):
        make("--model.weights", "hub")
