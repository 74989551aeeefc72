"""Reads the tables that competitions ship: CSV, TSV, JSON, Feather or parquet, also compressed."""

import bz2
import csv
import gzip
import json
import lzma
import re
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import polars as pl

from compete.errors import Fault, first_line
from compete.files import OWN
from compete.written_numbers import read_numbers

_AGAIN = "Run `compete download` again."
_HEAD = 10_000  # rows that tell a column's type, unless a later one contradicts
_LONGEST_HEADER = 1_000_000  # bytes
_SEPARATORS = ",\t;|"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_TYPED = (".json", ".jsonl", ".ndjson", ".feather", ".arrow", ".parquet")
_KINDS = (".csv", ".tsv", *_TYPED)


def _unzip(content: bytes) -> bytes:
    with ZipFile(BytesIO(content)) as archive:
        names = _tables_inside(archive)
        if len(names) != 1:
            raise BadZipFile(f"it holds {len(names)} tables, not one")
        return archive.read(names[0])


_UNPACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
    ".zip": _unzip,
}


def is_table(path: Path) -> bool:
    """Return whether a file's name says that it is a table that can be read."""
    return _kind(path) in _KINDS


def stem(path: Path) -> str:
    """Return a table's name without its suffixes, in lower case: `train` of `Train.csv.gz`."""
    name = path.with_suffix("") if path.suffix.lower() in _UNPACK else path
    return name.stem.lower()


def _kind(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes and suffixes[-1] in _UNPACK:
        packed = suffixes.pop()
        if packed == ".zip" and (not suffixes or suffixes[-1] not in _KINDS):  # `train.zip`
            return _kind_inside(path)
    return suffixes[-1] if suffixes else ""


def _kind_inside(path: Path) -> str:
    """Return the suffix of the one table in an archive, if it holds just one."""
    try:
        with ZipFile(path) as archive:
            names = _tables_inside(archive)
    except (BadZipFile, OSError):
        return ""
    return Path(names[0]).suffix.lower() if len(names) == 1 else ""


def _tables_inside(archive: ZipFile) -> list[str]:
    names = [name for name in archive.namelist() if Path(name).suffix.lower() in _KINDS]
    return [name for name in names if not name.startswith("__MACOSX")]


def table_columns(path: Path) -> list[str]:
    """Return a table's columns, of CSV, Feather and parquet without reading the rows.

    Raises:
        Fault: the file is broken.
    """
    kind = _kind(path)
    if path.suffix.lower() in _KINDS:
        try:
            if kind not in _TYPED:
                head = _head(_plain(path, path))
                return next(csv.reader([_decoded(head)], delimiter=_separator(path, head)), [])
            if kind == ".parquet":
                return list(pl.read_parquet_schema(path))
            if kind in (".feather", ".arrow"):
                return list(pl.read_ipc_schema(path))
        except (pl.exceptions.PolarsError, OSError, csv.Error) as error:
            raise _broken(path, error) from None
    return read_table(path).columns


def read_table(path: Path) -> pl.DataFrame:
    """Read a table; in CSV the types are those of all rows, and the encoding UTF-8 or Latin-1.

    Whole numbers written with zeros in front, such as 0012, are names and stay text. A word such as
    NA or ? is a missing value where all else in the column are numbers, else a value like others.
    Of JSON, lists of strings become one text, and structures become columns.

    Raises:
        Fault: the file is broken or has no rows.
    """
    try:
        table = _read(path)
    except pl.exceptions.NoDataError:
        raise Fault(f"{path} has no rows.", _AGAIN) from None
    except (pl.exceptions.PolarsError, OSError, ValueError, EOFError, lzma.LZMAError) as error:
        raise _broken(path, error) from None
    except BadZipFile as error:
        raise _broken(path, error) from None
    if table.is_empty():
        raise Fault(f"{path} has no rows.", _AGAIN)
    if ours := [name for name in table.columns if name.startswith(OWN)]:
        raise Fault(
            f"{path} has a column {ours[0]!r}; names that begin with {OWN!r} are taken.",
            "Rename the column in the file.",
        )
    return table


def table_head(path: Path, columns: list[str], rows: int) -> pl.DataFrame:
    """Return some columns of a table's first rows, as text; of CSV and parquet no more is read."""
    try:
        if path.suffix.lower() == ".parquet":
            return pl.scan_parquet(path).select(columns).head(rows).collect().cast(pl.String)
        if path.suffix.lower() == ".csv":
            source = _plain(path, path)
            table = pl.scan_csv(
                source, infer_schema=False, separator=_separator(path, _head(source))
            )
            return table.select(columns).head(rows).collect()
    except pl.exceptions.PolarsError:  # in Latin-1, for example
        pass
    return read_table(path).select(columns).head(rows).cast(pl.String)


def read_text(path: Path) -> pl.DataFrame:
    """Return a table with every value as the text that the file holds; blank lines are left out.

    Raises:
        FileNotFoundError: it is missing.
        Fault: it is broken.
    """
    try:
        if _kind(path) not in _TYPED:
            content = _plain(_content(path), path)
            options: dict[str, Any] = {
                "infer_schema": False,
                "separator": _separator(path, _head(content)),
            }
            try:
                table = pl.read_csv(content, **options)
            except pl.exceptions.ComputeError:
                table = pl.read_csv(content, **options, encoding="latin-1")
            return table.filter(pl.any_horizontal(pl.all().is_not_null()))
        return _read(path).cast(pl.String)
    except FileNotFoundError:
        raise
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise _broken(path, error) from None


def _broken(path: Path, error: Exception) -> Fault:
    return Fault(f"{path} can't be read: {first_line(error)}.", _AGAIN)


def _content(path: Path) -> bytes:
    """Return a file's bytes, unpacked."""
    content = path.read_bytes()
    unpack = _UNPACK.get(path.suffix.lower())
    return unpack(content) if unpack else content


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


def _read(path: Path) -> pl.DataFrame:
    kind = _kind(path)
    source: Path | bytes = _content(path) if path.suffix.lower() in _UNPACK else path
    if kind == ".parquet":
        return pl.read_parquet(source)
    if kind in (".feather", ".arrow"):
        return pl.read_ipc(source)
    if kind in (".jsonl", ".ndjson"):
        return _flat(pl.read_ndjson(source, infer_schema_length=None))
    if kind == ".json":
        return _flat(_from_json(source if isinstance(source, bytes) else source.read_bytes()))
    return _read_csv(path, source)


def _from_json(content: bytes) -> pl.DataFrame:
    """Return the table of a list of rows, or of columns as pandas writes them by default."""
    value = json.loads(content)
    if isinstance(value, dict):
        value = {
            name: list(column.values()) if isinstance(column, dict) else column
            for name, column in value.items()
        }
        return pl.DataFrame(value, strict=False)
    return pl.DataFrame(value, infer_schema_length=None, strict=False)


def _flat(table: pl.DataFrame) -> pl.DataFrame:
    """Return lists of strings as one text each, and the fields of structures as columns."""
    while structs := [name for name, dtype in table.schema.items() if dtype == pl.Struct]:
        name = structs[0]
        inner = table[name].struct.unnest()
        inner = inner.rename({field: f"{name}.{field}" for field in inner.columns})
        table = table.drop(name).hstack(inner)
    lists = [name for name, dtype in table.schema.items() if dtype == pl.List(pl.String)]
    return table.with_columns(pl.col(lists).list.join(", "))


def _decoded(content: bytes) -> str:
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _separator(path: Path, content: bytes) -> str:
    """Return what separates the fields: what cuts the header into the most of them."""
    if _kind(path) == ".tsv":
        return "\t"
    header = [_decoded(content.partition(b"\n")[0])]
    return max(_SEPARATORS, key=lambda one: len(next(csv.reader(header, delimiter=one), [])))


def _read_csv(path: Path, source: Path | bytes) -> pl.DataFrame:
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
        number for text in texts if (number := read_numbers(text, separator)) is not None
    )


def _names(
    content: bytes | Path, columns: list[str], options: dict[str, Any]
) -> dict[str, type[pl.String]]:
    """Return the columns that hold whole numbers with zeros in front, as text."""
    text = pl.col(columns)
    zeros = text.str.starts_with("0") & (text.str.len_bytes() > 1)  # faster than by pattern
    found = pl.scan_csv(content, infer_schema=False, **options).select(zeros.any()).collect()
    return {name: pl.String for name in columns if found[name].item()}
