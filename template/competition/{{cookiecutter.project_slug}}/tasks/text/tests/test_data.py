"""The data: batches of similar length, with padding that the model ignores."""

from collections.abc import Callable
from typing import Any

import torch

Make = Callable[..., Any]


def test_batches_are_padded_to_their_longest_row(make: Make) -> None:
    data, _ = make()
    for inputs, targets in data.train_dataloader():
        mask = inputs["attention_mask"]
        assert inputs["input_ids"].shape == mask.shape
        assert mask.shape[0] == len(targets) == 8
        assert 0 <= mask.shape[1] - mask.sum(dim=1).max() < 8  # on a GPU to a multiple of eight
        assert (inputs["input_ids"][mask == 0] == data.tokenizer.pad_token_id).all()


def test_padding_does_not_change_predictions(make: Make) -> None:
    data, model = make()
    inputs, _ = next(iter(data.val_dataloader()))
    size = int(inputs["attention_mask"][-1].sum())
    assert size < inputs["attention_mask"].shape[1]
    alone = {key: value[-1:, :size] for key, value in inputs.items()}
    assert torch.allclose(model.eval()(inputs)[-1:], model(alone), atol=1e-5)


def test_rows_are_paired_with_their_targets(make: Make) -> None:
    data, _ = make()
    for loader, rows in ((data.val_dataloader(), data.val_rows), (data.train_dataloader(), None)):
        batches = list(loader)
        texts = [
            text
            for inputs, _ in batches
            for text in data.tokenizer.batch_decode(inputs["input_ids"], skip_special_tokens=True)
        ]
        targets = torch.cat([targets for _, targets in batches])
        table = data.table["train"]
        number = {f"{r['place']} {r['text']}": n for n, r in enumerate(table.iter_rows(named=True))}
        found = [number[text] for text in texts]
        assert torch.equal(targets, data.targets[found])
        assert found == (rows.tolist() if rows is not None else found)
        assert set(found) <= set((rows if rows is not None else data.train_rows).tolist())


def test_validation_and_test_rows_are_sorted_by_length(make: Make) -> None:
    data, _ = make()
    for loader in (data.val_dataloader(), data.test_dataloader()):
        lengths = torch.cat([inputs["attention_mask"].sum(dim=1) for inputs, _ in loader])
        assert (lengths.diff() <= 0).all()
        assert lengths[0] > lengths[-1]
