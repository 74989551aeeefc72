"""The data of a fold is complete before there is a model, and padding is what it was by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from competitions.sentences import competition
from small import prepare_there
from torch import Tensor

from compete import project
from compete.contract import Contract
from compete.errors import Fault
from compete.problems.text import IGNORED
from compete.training.config import LIGHT, load_config

TASK = "translation"
Make = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("within")


@pytest.fixture(scope="module")
def prepared(author: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A competition of small sentences, prepared; shared, so change no file of it."""
    return prepare_there(competition(tmp_path_factory.mktemp("prepared")))


def data_of(*overrides: str) -> Any:
    """The data of fold 0, without a model."""
    config = load_config("base", overrides, (*LIGHT, "model"))
    return project.author("data", "Data").from_config(config, Contract.load(), 0)


def padded(rows: list[Any], value: int) -> Tensor:
    """Rows of whole numbers as a tensor, filled by hand to the longest of them."""
    made = torch.full((len(rows), max(map(len, rows))), value)
    for place, row in zip(made, rows, strict=True):
        place[: len(row)] = torch.from_numpy(row)
    return made


@pytest.mark.filterwarnings("error")
def test_batches_are_padded_as_by_hand() -> None:
    data = data_of()
    dataset = data.train_dataloader().dataset
    samples = [dataset[row] for row in (0, 5, 7, 31)]
    sources = [sample["input_ids"].copy() for sample in samples]
    targets = [data.tokens.targets[row] for row in (0, 5, 7, 31)]
    inputs, labels = data.collate(samples)
    expected = padded(sources, data.tokenizer.pad_token_id)
    assert set(inputs) == {"input_ids", "attention_mask"}
    assert torch.equal(inputs["input_ids"], expected)
    mask = padded([source * 0 + 1 for source in sources], 0)
    assert torch.equal(inputs["attention_mask"], mask)
    assert torch.equal(labels, padded(targets, IGNORED))
    assert {tensor.dtype for tensor in (labels, *inputs.values())} == {torch.int64}


def test_the_data_is_complete_before_there_is_a_model() -> None:
    data = data_of()
    for name in ("train", "val", "test"):
        batches = list(getattr(data, f"{name}_dataloader")())
        assert all(len(inputs["input_ids"]) == len(labels) for inputs, labels in batches)
    assert data.tokens_folder.parent == Path("data/processed")


def test_tokens_that_prepare_did_not_make_are_refused() -> None:
    with pytest.raises(Fault, match=r"not tokenized.*compete prepare"):
        data_of("--data.max_length", "12")


def test_a_fold_recalls_only_what_it_trains_on_and_never_a_row_itself() -> None:
    data = data_of()
    recalled = data.recalled["train"]
    shown = recalled[recalled >= 0]
    assert len(shown) == len(recalled)
    assert not (recalled == range(len(recalled))).any()
    assert set(shown) <= set(data.train_rows)
    assert set(data.recalled["test"]) - set(data.train_rows)  # what is known at last
    row = int(data.val_rows[0])
    sample = data.train_dataloader().dataset[row]
    known = [data.tokens.sources["train"][row], data.tokens.targets[recalled[row]]]
    assert sample["input_ids"].tolist() == [token for part in known for token in part]
    assert sample["labels"] == data.tokens.targets[row].tolist()


def test_without_a_memory_the_source_stands_alone(
    author: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = competition(tmp_path, data={"translation_memory": False})
    monkeypatch.chdir(prepare_there(without))
    data = data_of()
    assert (data.recalled["train"] == -1).all()
    sample = data.train_dataloader().dataset[3]
    assert sample["input_ids"].tolist() == data.tokens.sources["train"][3].tolist()
