"""Rows of the data are found in whatever holds them, and nothing harmless is taken for them."""

import gzip
import pickle
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from disguises import DISGUISES, as_sqlite, table, tarred, write
from office import as_docx, joined, zipped

from compete.portfolio.extraction import Part, Text, Unread, extract
from compete.portfolio.extraction.parts import Budget
from compete.portfolio.leak_check import check, inspect


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
    assert ("unknown format" in str(inspection)) == (name == "unknown.bin")


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
    assert told.reason == "it is nested 6 levels deep"


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
        "Checked 2 files, compared with 120 rows of train.csv, the content of 1 file. "
        "Not checked: old.7z (a 7z archive).\n"
    )
