"""Reads the rows of the competition's tables, to find them in other files."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import polars.selectors as cs

from compete.files import RAW, digest
from compete.portfolio.extraction import Text, extract
from compete.portfolio.row_matching import RowIndex, Rows, summarize
from compete.portfolio.row_tokens import SEPARATORS, Numbers, Tokens, hash_numbers, tokenize
from compete.table_files.packing import UNPACK

_DELIMITED = (".csv", ".tsv", ".tab")
_FRAMES = (*_DELIMITED, ".parquet", ".feather", ".arrow", ".ipc")
_OTHERS = (".json", ".jsonl", ".ndjson", ".txt", ".xlsx", ".db", ".sqlite", ".npy", ".npz", ".pkl")
_READ = 256 * 2**20  # bytes of each table, from its beginning
_AT_ONCE = 16 * 2**20  # bytes
_KEPT = RAW.parent / ".rows.npz"  # what was read: another time it is there at once
_MIN_KEPT = 4 * 2**20  # bytes; smaller tables are read again as quickly
_VERSION = "2"


@dataclass
class RawTables:
    """The tables of the competition.

    Args:
        paths: the files that rows are read from.
    """

    paths: list[Path] = field(default_factory=lambda: sorted(_tables()))

    @property
    def unread(self) -> Iterator[str]:
        """What of the tables is not compared."""
        for path in self.paths:
            if path.stat().st_size > _READ:
                yield f"{path.name} behind its first 256 MiB"

    def names(self) -> list[str]:
        """Return the words in the names of columns, which say nothing about a row."""
        names = {name for path in self.paths for name in _columns(path)}
        words = {word for name in names for word in re.split(SEPARATORS, name)}
        return sorted(word for word in words if re.search(r"[^\W\d_]", word))

    def index(self) -> RowIndex:
        """Return the rows of all tables, as they are looked up."""
        stats = [(path, path.stat()) for path in self.paths]
        marks = [f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in stats]
        key = digest([_VERSION, pl.__version__, *marks])
        if index := RowIndex.load(_KEPT, key):
            return index
        names = self.names()
        parts = [
            part
            for path in self.paths
            if path.suffix.lower() in _FRAMES
            for part in _rows(path, names)
        ]
        texts = (path for path in self.paths if path.suffix.lower() not in _FRAMES)
        parts += [_summary(lines, names) for lines in _batches(_lines(texts))]
        parts.append(_summary(pl.Series([], dtype=pl.String), names))
        index = RowIndex.of(Rows(*map(np.concatenate, zip(*parts, strict=True))))
        if sum(stat.st_size for _, stat in stats) > _MIN_KEPT:
            index.keep(_KEPT, key)
        return index


def _tables() -> Iterator[Path]:
    for path in RAW.rglob("*"):
        plain = path.with_suffix("") if path.suffix.lower() in UNPACK else path
        if plain.suffix.lower() in (*_FRAMES, *_OTHERS) and path.is_file():
            yield path


def _columns(path: Path) -> list[str]:
    """Return the names of a table's columns."""
    if path.suffix.lower() in _DELIMITED:
        with path.open("rb") as file:
            header = file.readline(2**20).decode("utf-8", "replace").strip("\ufeff\r\n")
        return header.split(_separator(header))
    frame = _frame(path) if path.suffix.lower() in _FRAMES else None
    return [] if frame is None else frame.columns


def _separator(header: str) -> str:
    return max(",;\t|", key=header.count)


def _frame(path: Path) -> pl.DataFrame | None:
    """Return a table, None if it can't be read as one."""
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path)
        if path.suffix.lower() not in _DELIMITED:
            return pl.read_ipc(path)
    except (pl.exceptions.PolarsError, OSError):
        return None
    with path.open("rb") as file:
        content = file.read(_READ)
    separator = _separator(content.partition(b"\n")[0].decode("utf-8", "replace"))
    for length in (1000, 0):  # the first rows tell the types, else all is text
        try:
            return pl.read_csv(
                content, separator=separator, infer_schema_length=length, encoding="utf8-lossy"
            )
        except pl.exceptions.PolarsError:
            continue
    return None


def _rows(path: Path, names: list[str]) -> Iterator[Rows]:
    """Yield the rows of a table, block by block."""
    frame = _frame(path)
    if frame is None:
        yield from (_summary(lines, names) for lines in _batches(_lines([path])))
        return
    height = max(1, _AT_ONCE * frame.height // max(path.stat().st_size, 1))
    for part in frame.iter_slices(height):
        first = last = np.zeros(part.height, np.int64)
        if part.width > 2:
            first, last = (
                _sizes(part, name, names) for name in (part.columns[0], part.columns[-1])
            )
        yield summarize(_tokens(part, names), first, last)
        # Cells of several lines are also found line by line.
        for column in part.select(cs.string()):
            lines = column.filter(column.str.contains("\n", literal=True))
            if len(lines):
                yield _summary(lines.str.split("\n").explode(), names)


def _tokens(frame: pl.DataFrame, names: list[str]) -> Tokens:
    numbers = frame.select(cs.numeric())
    if numbers.width == frame.width and not sum(frame.null_count().row(0)):
        values = frame.cast(pl.Float64).to_numpy().ravel()
        if np.isfinite(values).all():
            starts = np.arange(frame.height + 1) * frame.width
            return Tokens(hash_numbers(values), np.zeros(len(values), np.int64), starts)
    return tokenize(_as_text(frame), names)


def _as_text(frame: pl.DataFrame) -> pl.Series:
    """Return each row as one text."""
    return frame.select(pl.concat_str(_texts(frame), separator=" ", ignore_nulls=True)).to_series()


def _texts(frame: pl.DataFrame) -> list[pl.Expr]:
    """Return the columns that hold no bytes, as text."""
    columns = []
    for name, kind in frame.schema.items():
        if kind.is_nested():
            columns.append(pl.col(name).map_elements(str, return_dtype=pl.String))
        elif kind != pl.Binary:
            columns.append(pl.col(name).cast(pl.String))
    return columns or [pl.lit("")]


def _sizes(frame: pl.DataFrame, name: str, names: list[str]) -> Numbers:
    return np.diff(tokenize(_as_text(frame.select(name)), names).starts)


def _summary(lines: pl.Series, names: list[str]) -> Rows:
    none = np.zeros(len(lines), np.int64)
    return summarize(tokenize(lines, names), none, none)


def _lines(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the lines of other files, and of what is in them."""
    for path in paths:
        with path.open("rb") as file:
            content = file.read(_READ)
        for part in extract(content):
            if isinstance(part, Text):
                yield from part.text.splitlines()


def _batches(lines: Iterable[str]) -> Iterator[pl.Series]:
    batch, size = [], 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size > _AT_ONCE:
            yield pl.Series(batch, dtype=pl.String)
            batch, size = [], 0
    yield pl.Series(batch, dtype=pl.String)
