"""Rows of the data are found in any form, and other tables are not taken for them."""

import bz2
import gzip
import json
import lzma
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from disguises import DISGUISES, as_csv, columns, notebook, output, pandas, table, write
from hypothesis import given, settings
from hypothesis import strategies as st
from office import joined

from compete.portfolio.leak_check import inspect

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


@pytest.mark.parametrize("pack", [gzip, bz2, lzma])
def test_packed_tables_are_compared_with(project: Path, pack: Any) -> None:
    Path("data/raw/train.csv").unlink()
    suffix = {gzip: ".gz", bz2: ".bz2", lzma: ".xz"}[pack]
    rows = table(0)
    Path(f"data/raw/train.csv{suffix}").write_bytes(pack.compress(as_csv(rows).encode()))
    Path("look.txt").write_text(joined(rows[40:80]), encoding="utf-8")
    assert len(inspect([Path("look.txt")]).findings) == 1


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
