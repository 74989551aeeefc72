"""Tokens lie in a folder for each way to make them, and are cut where it harms few rows."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from compete.errors import Fault
from compete.files import PROCESSED
from compete.tasks.language.ragged import Ragged, write_rows
from compete.tasks.language.token_cache import TokenFacts, cut_at
from compete.tasks.text.settings import TextSettings

LENGTHS = np.array([10] * 99 + [1000])


def test_rows_of_any_length_come_back(tmp_path: Path) -> None:
    rows = [[1, 2, 3], [], [4], [5] * 1000]
    write_rows(tmp_path, "ids", rows)
    found = Ragged(tmp_path, "ids")
    assert [found[row].tolist() for row in range(len(found))] == rows
    assert found.lengths.tolist() == [3, 0, 1, 1000]


def test_rows_are_read_from_their_file_in_a_spawned_process(tmp_path: Path) -> None:
    write_rows(tmp_path, "ids", [[1, 2, 3], [5] * 100_000])
    sent = pickle.dumps(Ragged(tmp_path, "ids"))
    assert len(sent) < 10_000
    assert pickle.loads(sent)[0].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("lengths", "usual", "limit", "cut"),
    [
        (np.array([10] * 100), 512, 512, 16),  # the next multiple of eight
        (LENGTHS, 512, 512, 512),  # one of a hundred is long: cut at what is usual
        (np.array([10] * 199 + [1000]), 512, 512, 16),  # one of two hundred
        (np.array([900] * 100), 512, 2048, 512),
        (np.array([900] * 100), 512, 128, 128),  # the backbone takes no more
    ],
)
def test_auto_leaves_99_of_100_rows_whole_up_to_a_limit(
    lengths: Any, usual: int, limit: int, cut: int
) -> None:
    assert cut_at(lengths, "auto", usual, limit) == cut


def test_a_length_that_is_asked_for_must_fit_the_backbone() -> None:
    assert [cut_at(LENGTHS, asked, 64, 512) for asked in (4, 128, 512)] == [4, 128, 512]
    for asked in (3, 513, "long"):
        with pytest.raises(Fault, match=r"max_length.*from 4 to 512"):
            cut_at(LENGTHS, asked, 64, 512)


@pytest.fixture
def folder_of() -> Callable[..., Path]:
    """`folder_of(model={...}, max_length=8)` gives where the tokens of such a member lie."""

    def find(model: dict[str, Any] | None = None, **data: Any) -> Path:
        usual = {"backbone": "bert", "weights": "none"}
        settings = TextSettings(**data)
        return settings.tokens_folder(usual | (model or {}))

    return find


def test_only_what_decides_the_tokens_names_their_folder(folder_of: Callable[..., Path]) -> None:
    usual = folder_of()
    assert usual.parent == PROCESSED
    same = [folder_of({"lr": 0.1}), folder_of(batch_size=8), folder_of(folds=3)]
    assert set(same) == {usual}
    changed = [
        folder_of({"backbone": "roberta"}),
        folder_of({"weights": "hub"}),
        folder_of(max_length=8),
        folder_of(clean=False),
        folder_of(text_columns=["text"]),
        folder_of(side_columns=[]),
    ]
    assert len({usual, *changed}) == 1 + len(changed)


def test_a_trained_fold_names_the_folder_itself(folder_of: Callable[..., Path]) -> None:
    usual = folder_of()
    assert folder_of({"backbone": usual.as_posix()}, max_length=8) == usual


def test_facts_of_tokens_that_nobody_made_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"not tokenized.*compete prepare"):
        TokenFacts.load(tmp_path)
