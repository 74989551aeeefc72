"""Rows of the data are found in whatever holds them, and nothing harmless is taken for them."""

import gzip
import json
import pickle
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from disguises import (
    DISGUISES,
    as_csv,
    as_docx,
    as_sqlite,
    columns,
    joined,
    notebook,
    output,
    pandas,
    tarred,
    write,
    zipped,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from compete.portfolio.extraction import Part, Text, Unread, extract
from compete.portfolio.extraction.parts import Budget
from compete.portfolio.leak_check import check, inspect

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


def test_nothing_of_a_reviewed_format_is_left_unread(project: Path) -> None:
    files = [write(name, table(1)[40:80]) for name in DISGUISES if name != "unknown.bin"]
    assert inspect(files).unread == []


def unread(content: bytes, budget: Budget | None = None) -> list[Part]:
    return [part for part in extract(content, budget) if isinstance(part, Unread)]


def nested(depth: int) -> bytes:
    content = joined(table(0)[:40]).encode()
    for level in range(depth):
        content = gzip.compress(content) if level % 2 else zipped({"in": content})
    return content


def test_archives_in_archives_are_looked_into_up_to_a_depth_that_is_told() -> None:
    assert unread(nested(5)) == []
    assert any(isinstance(part, Text) and "Mr." in part.text for part in extract(nested(5)))
    (told,) = unread(nested(10))
    assert isinstance(told, Unread)
    assert told.place.count(":") == 6
    assert told.reason == "it is in 6 files within each other"


@pytest.mark.parametrize(
    "bomb",
    [
        zipped({"zeros": bytes(10**7), "more": bytes(10**7)}),
        zipped({f"{number}": b"" for number in range(99)}),
        zipped({"a.gz": gzip.compress(bytes(10**7))}),
        gzip.compress(bytes(10**7)),
        tarred({"zeros": bytes(10**7)}, "w:xz"),
        tarred({"zeros": bytes(10**7)}, "w:bz2"),
    ],
    ids=["zip", "many", "gzip in zip", "gzip", "tar.xz", "tar.bz2"],
)
def test_a_bomb_is_told_and_not_unpacked(bomb: bytes) -> None:
    parts = list(extract(bomb, Budget(size=10**6, files=20)))
    assert {part.reason for part in parts if isinstance(part, Unread)} == {
        "more than 512 MiB or 20,000 files come out of it"
    }
    unpacked = [part.content for part in parts[1:] if not isinstance(part, Unread | Text)]
    assert sum(map(len, unpacked)) <= 10**6


def test_a_table_of_which_too_much_comes_out_is_told() -> None:
    content = as_sqlite([{"a": "x" * 1000}] * 1000)
    (told,) = unread(content, Budget(size=10**5))
    assert told.place == ""


def test_an_encrypted_archive_is_told(project: Path) -> None:
    content = bytearray(zipped({"rows.txt": joined(table(0))}))
    central = content.index(b"PK\1\2")
    content[6] |= 1
    content[central + 8] |= 1
    Path("secret.zip").write_bytes(content)
    assert inspect([Path("secret.zip")]).unread == ["secret.zip:rows.txt (encrypted)"]


def test_an_archive_writes_nothing_whatever_its_names(project: Path) -> None:
    before = sorted(project.parent.rglob("*"))
    files = {"../evil.txt": b"x" * 99, "/tmp/evil.txt": b"y" * 99, "C:\\evil.txt": b"z" * 99}
    assert len(list(extract(zipped({**files})))) > len(files)
    assert len(list(extract(tarred(files)))) > len(files)
    assert sorted(project.parent.rglob("*")) == before


class Evil:
    def __reduce__(self) -> Any:
        return Path.touch, (Path("ran"),)


def test_a_pickle_is_not_executed(project: Path) -> None:
    rows = [list(row.values()) for row in table(0)[:40]]
    content = pickle.dumps([Evil(), rows])
    Path("evil.pkl").write_bytes(content)
    assert inspect([Path("evil.pkl")]).findings
    assert not Path("ran").exists()
    pickle.loads(content)
    assert Path("ran").exists(), "it would have been"


def test_what_a_pickle_repeats_does_not_grow() -> None:
    grown: list[Any] = ["row", 1, 2.5]
    for _ in range(60):
        grown = [grown, grown]
    itself: list[Any] = [1, "two"]
    itself.append(itself)
    assert len(list(extract(pickle.dumps([grown, itself])))) < 20


def test_a_database_in_wal_mode_is_read(project: Path) -> None:
    with sqlite3.connect("wal.db") as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE kept (a, b, c, d, e, f)")
        rows = [tuple(row.values()) for row in table(0)[:40]]
        database.executemany("INSERT INTO kept VALUES (?, ?, ?, ?, ?, ?)", rows)
    database.close()
    (found,) = inspect([Path("wal.db")]).findings
    assert str(found).startswith("wal.db, table kept: rows of the competition's data")


@pytest.mark.parametrize("name", DISGUISES)
def test_a_damaged_file_ends_in_words(project: Path, name: str) -> None:
    content = write(name, table(1)[40:80]).read_bytes()
    chance = random.Random(0)
    for _ in range(10):
        damaged = bytearray(content[: chance.randrange(len(content))])
        for _ in range(chance.randrange(9)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        for part in extract(bytes(damaged)):
            assert not isinstance(part, Unread) or part.reason


FORMS: dict[str, Callable[[dict[str, Any]], list[Any]]] = {
    "as they are": lambda row: list(row.values()),
    "with an index": lambda row: [7, *row.values()],
    "with a prediction": lambda row: [*row.values(), 0.75],
    "without the identifier": lambda row: list(row.values())[1:],
    "without the target": lambda row: list(row.values())[:-1],
    "reordered": lambda row: list(row.values())[::-1],
    "reordered without the identifier": lambda row: list(row.values())[:0:-1],
    "as decimals": lambda row: [float(v) if isinstance(v, int) else v for v in row.values()],
    "in single precision": lambda row: [
        float(np.float32(v)) if isinstance(v, float) else v for v in row.values()
    ],
}


@pytest.mark.parametrize("separator", [",", " ", "\t", " | ", ";"])
@pytest.mark.parametrize("form", FORMS)
def test_rows_are_found_in_another_form(project: Path, form: str, separator: str) -> None:
    for seed in (0, 1):
        lines = [separator.join(map(str, FORMS[form](row))) for row in table(seed)[40:80]]
        Path("notes.txt").write_text("\n".join(["Notes", "", *lines]), encoding="utf-8")
        assert [str(one)[:11] for one in inspect([Path("notes.txt")]).findings] == (
            [] if seed else ["notes.txt:3"]
        )


def test_four_rows_are_a_coincidence_and_five_are_none(project: Path) -> None:
    for rows, expected in ((4, 0), (5, 1)):
        Path("few.txt").write_text(joined([*table(0)[:rows]] * 5), encoding="utf-8")
        assert len(inspect([Path("few.txt")]).findings) == expected


def test_a_table_of_small_numbers_is_like_any_other(project: Path) -> None:
    chance = random.Random(0)
    names = [f"c{number}" for number in range(8)]

    def small(rows: int) -> list[dict[str, Any]]:
        return [{"id": i} | {n: chance.randrange(2) for n in names} for i in range(rows)]

    Path("data/raw/train.csv").write_text(as_csv(small(5000)), encoding="utf-8")
    Path("other.csv").write_text(as_csv(small(500)), encoding="utf-8")
    Path("other.json").write_text(json.dumps(columns(small(500))), encoding="utf-8")
    assert inspect([Path("other.csv"), Path("other.json")]).findings == []


def test_rows_of_few_and_of_small_numbers_are_found_as_they_are(project: Path) -> None:
    chance = random.Random(0)
    sales = [f"2013-01-{i % 28 + 1:02d},{i % 9},{i % 50},{i * 7 % 31}" for i in range(200)]
    grades = [",".join(str(chance.randrange(6)) for _ in range(40)) for _ in range(200)]
    for header, lines in (("date,store,item,sales", sales), ("a,b" + ",c" * 38, grades)):
        Path("data/raw/train.csv").write_text("\n".join([header, *lines, ""]), encoding="utf-8")
        Path("copy.md").write_text("\n".join(lines[40:80]).replace(",", " | "), encoding="utf-8")
        assert len(inspect([Path("copy.md")]).findings) == 1


def test_tables_of_other_formats_are_compared_with(project: Path) -> None:
    rows = table(0)
    Path("data/raw/train.csv").unlink()
    Path("look.txt").write_text(joined(rows[40:80]), encoding="utf-8")
    for name in DISGUISES:
        if Path(name).suffix in (".parquet", ".feather", ".json", ".jsonl", ".xlsx", ".sqlite"):
            raw = write(name, rows).rename(Path("data/raw") / name)
            assert len(inspect([Path("look.txt")]).findings) == 1, name
            raw.unlink()


def test_what_was_read_of_a_large_table_is_kept_until_it_changes(project: Path) -> None:
    raw, kept, look = Path("data/raw/train.csv"), Path("data/.rows.npz"), Path("look.txt")
    rows = table(0, 60_000)
    raw.write_text(as_csv(rows), encoding="utf-8")
    look.write_text(joined(rows[40:80]), encoding="utf-8")
    assert len(inspect([look]).findings) == 1
    written = kept.stat().st_mtime_ns
    assert len(inspect([look]).findings) == 1
    assert kept.stat().st_mtime_ns == written
    raw.write_text(as_csv(table(1, 60_000)), encoding="utf-8")
    assert inspect([look]).findings == []
    kept.write_bytes(b"damaged")
    assert inspect([look]).findings == []


def test_the_report_may_show_a_few_rows(project: Path) -> None:
    for rows, expected in ((40, 0), (100, 1)):
        Path("reports").mkdir(exist_ok=True)
        Path("reports/index.html").write_text(pandas(table(0)[:rows]).to_html(), encoding="utf-8")
        assert len(inspect([Path("reports/index.html")]).findings) == expected


def test_a_secret_in_a_document_is_found(project: Path) -> None:
    token = "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0" * 2
    for name, content in (
        ("a.docx", as_docx([{"a": token[:40]}])),
        ("a.db", as_sqlite([{"a": token[:40]}])),
    ):
        Path(name).write_bytes(content)
        assert any("GitHub" in str(found) for found in inspect([Path(name)]).findings), name


def test_it_says_what_was_compared_with_what(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("README.md").write_text("# Mine\n", encoding="utf-8")
    Path("old.7z").write_bytes(b"7z\xbc\xaf'\x1c" + bytes(50))
    check([Path("README.md"), Path("old.7z")])
    assert capsys.readouterr().err == (
        "Looked into 2 files, compared with 120 rows of train.csv, the content of 1 file. "
        "Not looked into: old.7z (a 7z archive).\n"
    )


cells = st.one_of(
    st.integers(-(10**9), 10**9),
    st.floats(-1e6, 1e6).map(lambda value: round(value, 4)),
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=40),
)


@given(
    rows=st.lists(st.lists(cells, min_size=6, max_size=6), min_size=12, max_size=12),
    separator=st.sampled_from([",", "\t", " | ", "; "]),
)
@settings(max_examples=60, deadline=None)
def test_any_table_is_found_in_any_form(
    rows: list[list[Any]], separator: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    marked = [
        [i, f"sample-{i * 7919:09d}", f"place{i * i + 17:07d}", *row] for i, row in enumerate(rows)
    ]
    names = [f"c{number}" for number in range(len(marked[0]))]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("data/raw").mkdir(parents=True)
        records = [dict(zip(names, row, strict=True)) for row in marked]
        Path("data/raw/train.csv").write_text(as_csv(records), encoding="utf-8")
        text = "\n".join(separator.join(map(str, row)) for row in marked)
        Path("look.ipynb").write_text(notebook(output(text=text)), encoding="utf-8")
        Path("rows.json").write_text(json.dumps(records, sort_keys=True), encoding="utf-8")
        found = inspect([Path("look.ipynb"), Path("rows.json")]).findings
        assert [str(one).partition(":")[0] for one in found] == [
            "look.ipynb, output of cell 3",
            "rows.json",
        ]
