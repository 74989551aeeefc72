"""A small synthetic competition: sentences of three kinds of words, with a place for each."""

import csv
import random
from pathlib import Path
from typing import Any

WORDS = {
    "calm": "tea garden quiet morning light slow river walk reading bread",
    "fire": "smoke flames alarm burning heat ash engine ladder siren escape",
    "flood": "water rain river dam boats rising mud bridge soaked rescue",
}
SETTINGS: dict[str, Any] = {
    "data": {"folds": 2, "batch_size": 8, "num_workers": 0},
    "model": {"backbone": "bert", "weights": "none"},
}


def write_files(raw: Path) -> None:
    """Write 48 training rows, 9 test rows and the sample submission."""
    raw.mkdir(parents=True)
    train, test = rows(48), rows(9, start=100)
    tables = {
        "train": [["id", "place", "text", "label"], *train],
        "test": [["id", "place", "text"], *(row[:3] for row in test)],
        "sample_submission": [["id", "label"], *([row[0], "calm"] for row in test)],
    }
    for name, table in tables.items():
        with (raw / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(table)


def rows(count: int, start: int = 0) -> list[list[Any]]:
    """Return rows of an id, a place, a text of 4 to 12 words, and the kind of its words."""
    made: list[list[Any]] = []
    for number in range(start, start + count):
        kind, chance = list(WORDS)[number % 3], random.Random(number)
        words = chance.choices(WORDS[kind].split(), k=chance.randint(4, 12))
        made.append([number, ["north", "south"][number % 2], f"{' '.join(words)} {number}", kind])
    return made
