"""The translation memory: what is most alike is recalled, and only what may be known."""

from pathlib import Path

import numpy as np
import pytest

from compete.tasks.translation.translation_memory import is_used, keep_similar, recall


def test_what_is_most_alike_is_recalled(tmp_path: Path) -> None:
    train = ["open the file", "close the file", "a bird sings", "open the files"]
    keep_similar(tmp_path, {"train": train, "test": ["birds sing", "open a file"]})
    assert recall(tmp_path, "train", 4).tolist()[:2] == [3, 0]
    assert recall(tmp_path, "test", 2)[0] == 2
    only_bird = np.array([False, False, True, False])
    assert recall(tmp_path, "train", 4, only_bird).tolist() == [2, 2, -1, 2]


@pytest.mark.parametrize(
    ("asked", "weights", "rows", "used"),
    [
        ("auto", "none", 50_000, True),
        ("auto", "none", 50_001, False),
        ("auto", "hub", 100, False),
        (True, "hub", 100, True),
        (False, "none", 100, False),
    ],
)
def test_the_memory_is_for_models_from_scratch_or_when_asked(
    asked: bool | str, weights: str, rows: int, used: bool
) -> None:
    assert is_used(asked, weights, rows) == used
