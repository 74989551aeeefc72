"""The data of a fold is complete before there is a model, and padding is what it was by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from competitions.texts import competition
from small import prepare_there
from torch import Tensor

from compete import project
from compete.contract import Contract
from compete.errors import Fault
from compete.training.config import LIGHT, load_config

TASK = "text"
pytestmark = pytest.mark.usefixtures("within")


@pytest.fixture(scope="module")
def prepared(author: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A competition of three kinds of texts, prepared; shared, so change no file of it."""
    return prepare_there(competition(tmp_path_factory.mktemp("prepared")))


@pytest.fixture
def data(within: Path) -> Any:
    """The data of fold 0."""
    config = load_config("base", sections=(*LIGHT, "model"))
    return project.author("data", "Data").from_config(config, Contract.load(), 0)


def padded(rows: list[dict[str, Any]], pad: int) -> dict[str, Tensor]:
    """Rows of tokens as tensors, filled by hand to the longest of them."""
    length = max(len(row["input_ids"]) for row in rows)

    def fill(values: list[Any], value: int) -> Tensor:
        made = torch.full((len(values), length), value)
        for place, one in zip(made, values, strict=True):
            place[: len(one)] = torch.as_tensor(one)
        return made

    result = {"input_ids": fill([row["input_ids"] for row in rows], pad)}
    result["attention_mask"] = fill([np.ones(len(row["input_ids"])) for row in rows], 0).long()
    if "token_type_ids" in rows[0]:
        result["token_type_ids"] = fill([row["token_type_ids"] for row in rows], 0)
    return result


@pytest.mark.parametrize("segments", [False, True])
@pytest.mark.skipif(torch.cuda.is_available(), reason="there rows are padded to eights")
def test_batches_are_padded_as_by_hand(data: Any, segments: bool) -> None:
    rows = [data.tokens["train"].row(row) for row in (0, 5, 7, 31)]
    if segments:
        rows = [row | {"token_type_ids": np.arange(len(row["input_ids"])) % 2} for row in rows]
    targets = [torch.tensor(place) for place in range(4)]
    inputs, found = data.collate(list(zip(rows, targets, strict=True)))
    expected = padded(rows, data.tokenizer.pad_token_id)
    assert {key: value.dtype for key, value in inputs.items()} == dict.fromkeys(
        expected, torch.int64
    )
    assert all(torch.equal(inputs[key], value) for key, value in expected.items())
    assert found.tolist() == [0, 1, 2, 3]


def test_rows_to_predict_go_by_length_the_longest_first(data: Any) -> None:
    for split, rows in (("train", data.val_rows), ("test", data.test_rows)):
        assert (np.diff(data.tokens[split].ids.lengths[rows]) <= 0).all()
    assert sorted(data.test_rows) == list(range(9))


def test_the_data_is_complete_before_there_is_a_model(data: Any) -> None:
    for name in ("train", "val", "test"):
        batches = list(getattr(data, f"{name}_dataloader")())
        assert all(len(inputs["input_ids"]) == len(targets) for inputs, targets in batches)
    assert data.tokens_folder.parent == Path("data/processed")
    assert len(data.tokenizer) > 5


def test_tokens_that_prepare_did_not_make_are_refused(within: Path) -> None:
    overrides = ("--data.max_length", "12")
    config = load_config("base", overrides, (*LIGHT, "model"))
    with pytest.raises(Fault, match=r"not tokenized.*compete prepare"):
        project.author("data", "Data").from_config(config, Contract.load(), 0)


def test_a_trained_fold_finds_its_tokens_whatever_params_say_now(
    fit: Callable[..., Any], within: Path
) -> None:
    from compete.supervised.inference import load_fold

    fit()
    config = load_config("base", ["--data.max_length", "12", "--model.lr", "0.5"])
    data, model = load_fold(Contract.load(), config, 0)
    inputs, targets = next(iter(data.val_dataloader()))
    assert len(model.predict_batch(inputs)) == len(targets)
