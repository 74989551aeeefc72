"""Reads a table, its columns, or its first rows, whatever its format."""

import csv
import json
import lzma
from pathlib import Path
from zipfile import BadZipFile

import polars as pl

from compete.errors import Fault, first_line
from compete.files import OWN
from compete.table_files.delimited import header, read_as_text, read_delimited, scan
from compete.table_files.packing import KINDS, TYPED, UNPACK, content_of, kind

_BROKEN = (pl.exceptions.PanicException, OSError, ValueError, EOFError, lzma.LZMAError, BadZipFile)
_AGAIN = "Run `compete download` again."


def table_columns(path: Path) -> list[str]:
    """Return a table's columns, of CSV, Feather and parquet without reading the rows.

    Raises:
        Fault: the file is broken.
    """
    suffix = kind(path)
    if path.suffix.lower() in KINDS:
        try:
            if suffix not in TYPED:
                return header(path)
            if suffix == ".parquet":
                return list(pl.read_parquet_schema(path))
            if suffix in (".feather", ".arrow"):
                return list(pl.read_ipc_schema(path))
        except (pl.exceptions.PolarsError, *_BROKEN, csv.Error) as error:
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
    except (pl.exceptions.PolarsError, *_BROKEN) as error:
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
            return scan(path).select(columns).head(rows).collect()
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
        if kind(path) not in TYPED:
            return read_as_text(content_of(path), path)
        return _read(path).cast(pl.String)
    except FileNotFoundError:
        raise
    except (pl.exceptions.PolarsError, *_BROKEN) as error:
        raise _broken(path, error) from None


def _broken(path: Path, error: BaseException) -> Fault:
    return Fault(f"{path} can't be read: {first_line(error)}.", _AGAIN)


def _read(path: Path) -> pl.DataFrame:
    suffix = kind(path)
    source: Path | bytes = content_of(path) if path.suffix.lower() in UNPACK else path
    if suffix == ".parquet":
        return pl.read_parquet(source)
    if suffix in (".feather", ".arrow"):
        return pl.read_ipc(source)
    if suffix in (".jsonl", ".ndjson"):
        return _flat(pl.read_ndjson(source, infer_schema_length=None))
    if suffix == ".json":
        return _flat(_from_json(source if isinstance(source, bytes) else source.read_bytes()))
    return read_delimited(path, source)


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
