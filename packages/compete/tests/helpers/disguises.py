"""Writes a table into files of many formats, with libraries that the guard does not read it by."""

import base64
import bz2
import csv
import gzip
import io
import json
import lzma
import pickle
import random
import sqlite3
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
import polars as pl
from office import Table, as_docx, as_ods, as_pdf, as_pptx, as_xlsx, joined, zipped

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


def as_csv(table: Table, **options: Any) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n", **options)
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def as_sqlite(table: Table) -> bytes:
    with sqlite3.connect(":memory:") as database:
        names = list(table[0])
        database.execute(f"CREATE TABLE sample ({', '.join(names)})")
        marks = ", ".join("?" * len(names))
        rows = [tuple(row.values()) for row in table]
        database.executemany(f"INSERT INTO sample VALUES ({marks})", rows)
        database.commit()
        return database.serialize()


def as_sql(table: Table) -> str:
    values = [", ".join(f"'{value}'" for value in row.values()) for row in table]
    return "INSERT INTO sample VALUES " + ",\n".join(f"({row})" for row in values) + ";\n"


def notebook(*cells: dict[str, Any]) -> str:
    first = [{"cell_type": "markdown", "source": ["# Look\n", "at it"], "metadata": {}}] * 2
    return json.dumps({"cells": [*first, *cells], "metadata": {}, "nbformat": 4}, indent=1)


def output(**values: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": [], "metadata": {}, "outputs": [values]}


def in_output(table: Table) -> str:
    lines = [f"{line}\n" for line in joined(table).splitlines()]
    return notebook(output(output_type="stream", name="stdout", text=lines))


def in_result(table: Table) -> str:
    html = pd.DataFrame(table).to_html()
    return notebook(output(output_type="execute_result", data={"text/html": html.splitlines(True)}))


def in_cell(table: Table) -> str:
    return notebook({"cell_type": "markdown", "source": joined(table), "metadata": {}})


def tarred(files: dict[str, bytes], mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def saved(write: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def structured(table: Table) -> np.ndarray[Any, Any]:
    kinds = [(name, "U200" if isinstance(value, str) else "f8") for name, value in table[0].items()]
    return np.array([tuple(row.values()) for row in table], dtype=kinds)


def columns(table: Table) -> dict[str, list[Any]]:
    return {name: [row[name] for row in table] for name in table[0]}


def as_npz(table: Table) -> bytes:
    arrays: dict[str, Any] = {name: np.array(values) for name, values in columns(table).items()}
    return saved(lambda file: np.savez(file, **arrays))


def objects(table: Table) -> np.ndarray[Any, Any]:
    return np.array([list(row.values()) for row in table], dtype=object)


def in_data_uri(table: Table) -> str:
    packed = base64.b64encode(gzip.compress(joined(table).encode())).decode()
    return f'<a href="data:application/gzip;base64,{packed}">all</a>\n'


def as_yaml(table: Table) -> str:
    return "".join(
        "".join(
            f"{'- ' if i == 0 else '  '}{k}: {json.dumps(v)}\n"
            for i, (k, v) in enumerate(row.items())
        )
        for row in table
    )


def as_xml(table: Table) -> str:
    rows = (
        "<row>" + "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in row.items()) + "</row>\n"
        for row in table
    )
    return f"<?xml version='1.0'?>\n<rows>\n{''.join(rows)}</rows>\n"


def pandas(table: Table) -> pd.DataFrame:
    return pd.DataFrame(table)


# The file that a table is hidden in, how, and where in the file it must be found.
DISGUISES: dict[str, tuple[Callable[[Table], str | bytes], str]] = {
    "all.csv": (as_csv, ":"),
    "quoted.csv": (lambda t: as_csv(t, quoting=csv.QUOTE_ALL, delimiter=";"), ":"),
    "joined.txt": (joined, ":"),
    "utf16.txt": (lambda t: joined(t).encode("utf-16"), ":"),
    "table.md": (
        lambda t: "\n".join(f"| {' | '.join(map(str, row.values()))} |" for row in t),
        ":",
    ),
    "table.tex": (
        lambda t: "\n".join(" & ".join(map(str, row.values())) + r" \\" for row in t),
        ":",
    ),
    "module.py": (lambda t: f"ROWS = {[tuple(row.values()) for row in t]!r}\n", ":1"),
    "records.py": (lambda t: f"ROWS = {list(t)!r}\n", ":1"),
    "dump.sql": (as_sql, ":"),
    "rows.yaml": (as_yaml, ":"),
    "rows.xml": (as_xml, ":"),
    "rows.json": (lambda t: json.dumps(t), ""),
    "pretty.json": (lambda t: json.dumps({"rows": t}, indent=2, sort_keys=True), ""),
    "columns.json": (lambda t: json.dumps(columns(t)), ""),
    "pandas.json": (lambda t: pandas(t).to_json(), ""),
    "split.json": (lambda t: pandas(t).to_json(orient="split"), ""),
    "rows.jsonl": (lambda t: "\n".join(json.dumps(row, sort_keys=True) for row in t), ""),
    "page.html": (lambda t: f"<html>{pandas(t).to_html()}</html>", ":"),
    "uri.html": (in_data_uri, ":1:unpacked:1"),
    "output.ipynb": (in_output, ", output of cell 3"),
    "result.ipynb": (in_result, ", output of cell 3"),
    "cell.ipynb": (in_cell, ", cell 3"),
    "rows.sqlite": (as_sqlite, ", table sample"),
    "rows.parquet": (lambda t: saved(pl.DataFrame(t).write_parquet), ""),
    "rows.feather": (lambda t: saved(pl.DataFrame(t).write_ipc), ""),
    "rows.arrow": (lambda t: saved(pl.DataFrame(t).write_ipc_stream), ""),
    "rows.avro": (lambda t: saved(pl.DataFrame(t).write_avro), ""),
    "rows.npy": (lambda t: saved(lambda file: np.save(file, structured(t))), ""),
    "objects.npy": (lambda t: saved(lambda file: np.save(file, objects(t))), ""),
    "columns.npz": (as_npz, ""),
    "frame.pkl": (lambda t: pickle.dumps(pandas(t)), ""),
    "old-frame.pkl": (lambda t: pickle.dumps(pandas(t).astype(object), protocol=2), ""),
    "records.pkl": (lambda t: pickle.dumps([dict(row) for row in t]), ""),
    "columns.pkl": (lambda t: pickle.dumps(columns(t)), ""),
    "arrays.pkl": (lambda t: pickle.dumps({k: np.array(v) for k, v in columns(t).items()}), ""),
    "book.xlsx": (as_xlsx, ", sheet Kept"),
    "words.docx": (as_docx, ":word/document.xml"),
    "slides.pptx": (as_pptx, ":ppt/slides/slide1.xml"),
    "sheet.ods": (as_ods, ":content.xml"),
    "page.pdf": (as_pdf, ", page 1"),
    "rows.gz": (lambda t: gzip.compress(joined(t).encode()), ":unpacked:"),
    "rows.bz2": (lambda t: bz2.compress(joined(t).encode()), ":unpacked:"),
    "rows.xz": (lambda t: lzma.compress(joined(t).encode()), ":unpacked:"),
    "rows.zip": (lambda t: zipped({"deep/rows.txt": joined(t)}), ":deep/rows.txt:"),
    "rows.tar": (lambda t: tarred({"a.db": as_sqlite(t)}), ":a.db, table sample"),
    "rows.tar.gz": (
        lambda t: tarred({"a.xlsx": as_xlsx(t)}, "w:gz"),
        ":unpacked:a.xlsx, sheet Kept",
    ),
    "unknown.bin": (lambda t: b"\1\2\3\0" * 4 + joined(t).encode(), ""),
}


def write(name: str, table: Table) -> Path:
    content = DISGUISES[name][0](table)
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return Path(name)
