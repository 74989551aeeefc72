"""The model: its loss ignores padding, and its translations are never empty."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn.functional import pad

IGNORED = -100  # ignored by PyTorch's losses
Make = Callable[..., Any]


def test_the_loss_ignores_padding(make: Make) -> None:
    data, model = make()
    inputs, labels = next(iter(data.train_dataloader()))
    logits = model.eval()(inputs, labels)
    assert logits.shape == (*labels.shape, model.net.config.vocab_size)
    wide = pad(labels, (0, 3), value=IGNORED)
    assert torch.allclose(model.loss(model(inputs, wide), wide), model.loss(logits, labels))


def test_a_translation_is_never_empty(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    data, model = make()
    inputs, _ = next(iter(data.test_dataloader()))
    monkeypatch.setattr(model, "_translate", lambda inputs, beams: [""] * len(inputs["input_ids"]))
    inputs["input_ids"][-1] = model.tokenizer.pad_token_id
    found = model.predict_batch(inputs)
    assert found[-1] == "-"
    assert all(found)
    assert found[0].startswith(("the ", "a ", "my "))  # falls back to the source


def test_the_model_can_memorize_a_few_pairs(make: Make) -> None:
    data, model = make("--model.dropout", "0.0")
    inputs, labels = next(iter(data.train_dataloader()))
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    for _ in range(60):
        optimizer.zero_grad()
        model.loss(model(inputs, labels), labels).backward()
        optimizer.step()
    known = labels.masked_fill(labels == IGNORED, model.tokenizer.pad_token_id)
    right = model.tokenizer.batch_decode(known, skip_special_tokens=True)
    assert model.eval().predict_batch(inputs) == right


def test_auto_trains_longer_with_a_higher_learning_rate_from_scratch(make: Make) -> None:
    _, model = make()
    assert (model.lr, model.auto_epochs(32_000, 32)) == (1e-3, 5)
    assert model.auto_epochs(100, 32) == 60
    model.scratch = False
    assert model.auto_epochs(32_000, 32) == 2


def test_gradient_checkpointing_does_not_change_gradients(make: Make) -> None:
    found = []
    for option in ("false", "true"):
        data, model = make("--model.gradient_checkpointing", option, "--model.dropout", "0.0")
        inputs, labels = next(iter(data.train_dataloader()))
        loss = model.loss(model(inputs, labels), labels)
        loss.backward()
        norm = torch.stack([p.grad.norm() for p in model.parameters() if p.grad is not None])
        found.append(torch.cat([loss.detach()[None], norm.norm()[None]]))
    assert torch.allclose(found[0], found[1])
