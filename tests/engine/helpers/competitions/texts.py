"""Makes small competitions of texts for the tests."""

from pathlib import Path
from typing import Any

from authors import params_of
from samples import WORDS, sentence, write
from small import Rows, as_csv, settle


def rows(count: int, start: int = 0) -> Rows:
    """Rows of the three kinds by turns, with a text, a place and the kind as their label."""
    kinds = [list(WORDS)[row % 3] for row in range(count)]
    return [
        {"id": start + i, "place": "north" if i % 2 else "south", "text": sentence(kind, start + i)}
        | {"label": kind}
        for i, kind in enumerate(kinds)
    ]


def competition(
    root: Path,
    train: Rows | None = None,
    test: Rows | None = None,
    target: str = "label",
    **sections: dict[str, Any],
) -> Path:
    """A project's folder with `rows`, or those given, and params.yaml quick to train by.

    Args:
        target: the column that the test rows do not have.
        sections: what to change in it, section by section.
    """
    usual: dict[str, Any] = {
        "data": {"folds": 3, "batch_size": 8, "num_workers": 0},
        "model": {"backbone": "bert", "weights": "none"},
    }
    settle(root, params_of("text"), usual, sections)
    train, test = train or rows(60), test or rows(9, start=100)
    write(root / "data/raw/train.csv", as_csv(train))
    hidden = [{k: v for k, v in row.items() if k != target} for row in test]
    write(root / "data/raw/test.csv", as_csv(hidden))
    sample = [{"id": row["id"], target: train[0][target]} for row in test]
    write(root / "data/raw/sample_submission.csv", as_csv(sample))
    return root
