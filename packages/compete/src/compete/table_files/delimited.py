"""Reads tables of separated fields: CSV, TSV, and what Excel and others make of them."""

import csv
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from compete.table_files.numbers import read_booleans, read_numbers
from compete.table_files.packing import kind, stem

_HEAD = 10_000  # rows that tell a column's type, unless a later one contradicts
_LONGEST_HEADER = 1_000_000  # bytes
_SEPARATORS = ",\t;|"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_delimited(path: Path, source: Path | bytes) -> pl.DataFrame:
    """Return a table whose types are those of all rows; in UTF-8, UTF-16 or Latin-1.

    Args:
        path: the file; its name tells the separator.
        source: the file, or what was unpacked from it.
    """
    source = _plain(source, path)
    separator = _separator(path, _head(source))
    try:
        return _typed(source, separator, _quote(path, source, separator))
    except pl.exceptions.ComputeError as error:
        if "utf-8" not in str(error):
            raise
        return _typed(_bytes(source).decode("latin-1").encode(), separator, '"')


def _quote(path: Path, source: Path | bytes, separator: str) -> str | None:
    """Return the character that quotes fields; of tabs often none: a quote is a letter like others.

    It is none if quotes hide ends of lines though each line has as many fields as the header.
    """
    if separator != "\t":
        return '"'
    content = _bytes(source)
    lines = [line for line in content.splitlines() if line]
    whole = len({line.count(b"\t") for line in lines}) == 1
    try:
        rows = pl.read_csv(content, separator="\t", infer_schema=False).height
    except pl.exceptions.ComputeError:
        rows = 0
    return None if whole and rows < len(lines) - 1 else '"'


def _typed(content: bytes | Path, separator: str, quote: str | None) -> pl.DataFrame:
    options: dict[str, Any] = {"separator": separator, "quote_char": quote}
    schema = pl.scan_csv(content, infer_schema_length=_HEAD, **options).collect_schema()
    whole = [name for name, dtype in schema.items() if dtype.is_integer()]
    types = dict(schema) | _names(content, whole, options)
    try:
        table = pl.read_csv(content, schema_overrides=types, infer_schema=False, **options)
    except pl.exceptions.ComputeError:  # a column goes on otherwise than it began
        types = dict.fromkeys(whole, pl.String)
        table = pl.read_csv(content, infer_schema_length=None, schema_overrides=types, **options)
    texts = (table[name] for name, dtype in table.schema.items() if dtype == pl.String)
    return table.with_columns(
        read
        for text in texts
        if (read := read_numbers(text, separator)) is not None
        or (read := read_booleans(text)) is not None
    )


def _names(
    content: bytes | Path, columns: list[str], options: dict[str, Any]
) -> dict[str, type[pl.String]]:
    """Return the columns that hold whole numbers with zeros in front, as text."""
    text = pl.col(columns)
    zeros = text.str.starts_with("0") & (text.str.len_bytes() > 1)  # faster than by pattern
    found = pl.scan_csv(content, infer_schema=False, **options).select(zeros.any()).collect()
    return {name: pl.String for name in columns if found[name].item()}


def _plain(source: Path | bytes, path: Path) -> Path | bytes:
    """Return CSV in UTF-8 that begins with its header; a path as it is if its file does.

    Excel writes UTF-16, and lines such as `sep=;` in front of the header. Columns without names
    are called `column_1` and so on, and one alone by its file.
    """
    head = _head(source)
    content = b""
    if head.startswith(_UTF16):
        content = _bytes(source).decode("utf-16").encode()
        head = content.partition(b"\n")[0]
    if re.fullmatch(rb"(\xef\xbb\xbf)?\"?sep=.\"?\s*", head):
        content = (content or _bytes(source)).partition(b"\n")[2]
        head = content.partition(b"\n")[0]
    separator = _separator(path, head)
    first = next(csv.reader([_decoded(head)], delimiter=separator), [])
    if _are_values(first):
        names = [f"column_{place}" for place in range(1, len(first) + 1)]
        names = names if len(first) > 1 else [stem(path)]
        content = f"{separator.join(names)}\n".encode() + (content or _bytes(source))
    return content or source


def _are_values(fields: list[str]) -> bool:
    """Return whether a file's first line is a row; numbers that go up may be names of columns."""
    if not fields or not all(
        re.fullmatch(r"\s*[-+]?\d*\.?\d+([eE][-+]?\d+)?\s*", f) for f in fields
    ):
        return False
    numbers = [float(field) for field in fields]
    up = all(a < b for a, b in pairwise(numbers))
    return len(numbers) == 1 or not up


def _bytes(source: Path | bytes) -> bytes:
    return source if isinstance(source, bytes) else source.read_bytes()


def _head(source: Path | bytes) -> bytes:
    """Return the first line."""
    if isinstance(source, bytes):
        return source[:_LONGEST_HEADER].partition(b"\n")[0]
    with source.open("rb") as file:
        return file.readline()


def _decoded(content: bytes) -> str:
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _separator(path: Path, content: bytes) -> str:
    """Return what separates the fields: what cuts the header into the most of them."""
    if kind(path) == ".tsv":
        return "\t"
    header = [_decoded(content.partition(b"\n")[0])]
    return max(_SEPARATORS, key=lambda one: len(next(csv.reader(header, delimiter=one), [])))


def header(path: Path) -> list[str]:
    """Return the names of a file's columns; no row is read."""
    head = _head(_plain(path, path))
    return next(csv.reader([_decoded(head)], delimiter=_separator(path, head)), [])


def scan(path: Path) -> pl.LazyFrame:
    """Return a file's rows, not read yet, with every value as text."""
    source = _plain(path, path)
    return pl.scan_csv(source, infer_schema=False, separator=_separator(path, _head(source)))


def read_as_text(content: bytes, path: Path) -> pl.DataFrame:
    """Return every value as the text that a file holds; blank lines are left out.

    Args:
        content: of the file, unpacked.
        path: the file; its name tells the separator.
    """
    plain = _plain(content, path)
    options: dict[str, Any] = {"infer_schema": False, "separator": _separator(path, _head(plain))}
    try:
        table = pl.read_csv(plain, **options)
    except pl.exceptions.ComputeError:
        table = pl.read_csv(plain, **options, encoding="latin-1")
    return table.filter(pl.any_horizontal(pl.all().is_not_null()))
