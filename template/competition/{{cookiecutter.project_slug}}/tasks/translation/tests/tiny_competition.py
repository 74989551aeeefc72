"""A small synthetic competition: English sentences of three parts, and their French words."""

import csv
from itertools import product
from pathlib import Path
from typing import Any

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
SETTINGS: dict[str, Any] = {
    "data": {"folds": 2, "trained_folds": "all", "batch_size": 6, "num_workers": 0},
    "model": {"backbone": "t5", "weights": "none", "beams": 2},
}


def write_files(raw: Path) -> None:
    """Write 30 pairs, 6 sentences to translate and the sample submission."""
    raw.mkdir(parents=True)
    names = list(WORDS)
    sentences = list(product(names[:4], names[4:7], names[7:]))
    pairs: list[list[Any]] = []
    for number in range(len(sentences)):
        parts = sentences[number * 7 % len(sentences)]
        pairs.append([number, " ".join(parts), " ".join(WORDS[part] for part in parts)])
    train, test = pairs[:30], pairs[30:]
    tables: dict[str, list[list[Any]]] = {
        "train": [["id", "english", "french"], *train],
        "test": [["id", "english"], *(row[:2] for row in test)],
        "sample_submission": [["id", "french"], *([row[0], ""] for row in test)],
    }
    for name, table in tables.items():
        with (raw / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(table)
