"""Makes small competitions of translations for the tests."""

from itertools import product
from pathlib import Path
from typing import Any

from authors import params_of
from samples import write
from small import Rows, as_csv, settle

WORDS = {
    "the cat": "le chat",
    "the dog": "le chien",
    "a bird": "un oiseau",
    "my sister": "ma sœur",
    "sleeps": "dort",
    "eats": "mange",
    "sings": "chante",
    "today": "aujourd'hui",
    "at home": "à la maison",
    "in the garden": "dans le jardin",
}


def rows(count: int = 36, start: int = 0) -> Rows:
    """Sentences of a subject, a verb and a place, word by word in both languages."""
    names = list(WORDS)
    made = list(product(names[:4], names[4:7], names[7:]))
    table: Rows = []
    for number in range(start, start + count):
        parts = made[number * 7 % len(made)]
        english, french = " ".join(parts), " ".join(WORDS[part] for part in parts)
        table.append({"id": number, "english": english, "french": french})
    return table


def competition(
    root: Path,
    train: Rows | None = None,
    test: Rows | None = None,
    **sections: dict[str, Any],
) -> Path:
    """A project's folder with `rows`, or those given, and params.yaml quick to train by.

    Args:
        sections: what to change in it, section by section.
    """
    usual: dict[str, Any] = {
        "competition": {"metric": "chrf"},
        "data": {"folds": 2, "trained_folds": "all", "batch_size": 6, "num_workers": 0},
        "model": {"backbone": "t5", "weights": "none", "beams": 2},
    }
    settle(root, params_of("translation"), usual, sections)
    test = test or rows(9, start=100)
    write(root / "data/raw/train.csv", as_csv(train or rows()))
    hidden = [{key: row[key] for key in ("id", "english")} for row in test]
    write(root / "data/raw/test.csv", as_csv(hidden))
    sample = [{"id": row["id"], "french": ""} for row in test]
    write(root / "data/raw/sample_submission.csv", as_csv(sample))
    return root
