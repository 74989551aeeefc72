"""Rows of the data are found in whatever holds them, and nothing harmless is taken for them."""

import random
from pathlib import Path
from typing import Any

import pytest
from disguises import DISGUISES, as_csv, write

from compete.portfolio.leak_check import inspect

WORDS = ["storm", "fire", "bridge", "river", "night", "calm", "sun", "rain", "harbour", "tower"]


def table(seed: int, rows: int = 120) -> list[dict[str, Any]]:
    """A table of strings and numbers; its texts have commas and quotes."""
    chance = random.Random(seed)

    def text() -> str:
        words = chance.choices(WORDS, k=7)
        return f'{words[0].title()}, "{words[1]}" {" ".join(words[2:])}'

    return [
        {
            "id": i,
            "name": f"{chance.choice(WORDS).title()}, Mr. {chance.choice(WORDS).title()}",
            "text": text(),
            "value": round(chance.uniform(-9, 9), 5),
            "age": float(chance.randrange(90)),
            "label": i % 2,
        }
        for i in range(1, rows + 1)
    ]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a table of the competition."""
    monkeypatch.chdir(tmp_path)
    Path("data/raw").mkdir(parents=True)
    Path("data/raw/train.csv").write_text(as_csv(table(0)), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", DISGUISES)
def test_forty_rows_are_found_in_their_place(project: Path, name: str) -> None:
    found = list(map(str, inspect([write(name, table(0)[40:80])]).findings))
    assert found, name
    assert found[0].startswith(f"{name}{DISGUISES[name][1]}"), found
    assert "rows of the competition's data" in found[0]


@pytest.mark.parametrize("name", DISGUISES)
def test_rows_of_another_table_pass(project: Path, name: str) -> None:
    inspection = inspect([write(name, table(1)[40:80])])
    assert inspection.findings == []
    assert ("no known format" in str(inspection)) == (name == "unknown.bin")
