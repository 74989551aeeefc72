"""Makes small competitions of translations for the tests."""

import csv
import io
from itertools import product
from pathlib import Path
from typing import Any

import yaml

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
Rows = list[dict[str, Any]]


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


def as_csv(table: Rows) -> str:
    """The rows as CSV, with the columns of the first."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def write(path: Path, text: str | bytes) -> Path:
    """Write a text, its line ends as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def competition(
    root: Path,
    params: Path,
    train: Rows | None = None,
    test: Rows | None = None,
    **sections: dict[str, Any],
) -> Path:
    """A project's folder with `rows`, or those given, and params.yaml quick to train by.

    Args:
        params: the params.yaml to start from.
        sections: what to change in it, section by section.
    """
    values = yaml.safe_load(params.read_text(encoding="utf-8"))
    values["competition"] |= {"slug": "some-competition", "metric": "chrf"}
    values["data"] |= {"folds": 2, "batch_size": 6, "num_workers": 0}
    values["model"] |= {"backbone": "t5", "weights": "none", "beams": 2}
    values["trainer"] |= {"max_epochs": 1, "accelerator": "cpu", "devices": 1, "logger": False}
    for name, section in sections.items():
        values[name] |= section
    write(root / "params.yaml", yaml.safe_dump(values))
    write(root / "members" / "base.yaml", "{}\n")
    test = test or rows(9, start=100)
    write(root / "data/raw/train.csv", as_csv(train or rows()))
    hidden = [{key: row[key] for key in ("id", "english")} for row in test]
    write(root / "data/raw/test.csv", as_csv(hidden))
    sample = [{"id": row["id"], "french": ""} for row in test]
    write(root / "data/raw/sample_submission.csv", as_csv(sample))
    return root
