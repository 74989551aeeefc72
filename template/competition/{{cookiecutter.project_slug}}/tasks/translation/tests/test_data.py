"""The data: padded pairs, and the translation memory."""

from collections.abc import Callable
from typing import Any

import torch

IGNORED = -100  # ignored by PyTorch's losses
Make = Callable[..., Any]


def test_batches_are_padded_and_labels_end_with_eos(make: Make) -> None:
    data, _ = make()
    for inputs, labels in data.train_dataloader():
        mask = inputs["attention_mask"]
        assert inputs["input_ids"].shape == mask.shape
        assert len(labels) == len(mask) == 6
        assert (inputs["input_ids"][mask == 0] == data.tokenizer.pad_token_id).all()
        for row in labels:
            said = row[row != IGNORED]
            assert said[-1] == data.tokenizer.eos_token_id
            assert (row[len(said) :] == IGNORED).all()


def test_sources_are_paired_with_their_translations(make: Make) -> None:
    data, _ = make()
    pairs: dict[str, str] = {}
    for inputs, labels in data.val_dataloader():
        for ids, row in zip(inputs["input_ids"], labels, strict=True):
            source = ids[: int((ids == data.tokenizer.eos_token_id).nonzero()[0])]
            translation = data.tokenizer.decode(row[row != IGNORED], skip_special_tokens=True)
            pairs[data.tokenizer.decode(source)] = translation
    table = data.table["train"][data.val_rows.tolist()]
    assert pairs == dict(zip(table["english"], table["french"], strict=True))


def test_the_translation_memory_has_only_other_training_rows(make: Make) -> None:
    data, _ = make()
    recalled = data.recalled["train"]
    assert set(recalled) <= set(data.train_rows)
    assert not (recalled == range(len(recalled))).any()
    assert set(data.recalled["test"]) - set(data.train_rows)  # test rows may use all training rows
    row = int(data.val_rows[0])
    shown = data.train_dataloader().dataset[row]["input_ids"]
    parts = data.tokens.sources["train"][row], data.tokens.targets[recalled[row]]
    assert torch.equal(torch.tensor(shown), torch.tensor([token for p in parts for token in p]))


def test_validation_and_test_rows_are_sorted_by_length(make: Make) -> None:
    data, _ = make()
    for loader in (data.val_dataloader(), data.test_dataloader()):
        lengths = torch.cat([inputs["attention_mask"].sum(dim=1) for inputs, _ in loader])
        assert (lengths.diff() <= 0).all()
        assert lengths[0] > lengths[-1]
