"""Tables and arrays: SQLite, Parquet, Arrow, Avro and NumPy."""

import ast
import io
import sqlite3
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from PIL import Image

from compete.portfolio.extraction.parts import (
    TOO_MUCH,
    Budget,
    File,
    Part,
    Text,
    Unread,
    UnreadableError,
    line,
    scalars,
)

_MAX_CELL = 64 * 2**20  # bytes of a value in a database
_MAX_IMAGES = 5_000  # of an array
_MIN_SIDE = 8  # pixels; smaller arrays are no images
_MAX_COLUMNS = 2_000
_AT_ONCE = 10_000  # rows
_MAX_ROWS = 2_000_000


def read_sqlite(content: bytes, budget: Budget) -> Iterator[Part]:
    """Yield the tables of a database, and the files that are in them."""
    # A database in WAL mode can't be opened in memory; these two bytes say that it is.
    content = content[:18] + b"\1\1" + content[20:]
    with closing(sqlite3.connect(":memory:")) as database:
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(_MAX_CELL, len(content)))
        database.deserialize(content)
        database.execute("PRAGMA trusted_schema = OFF")
        database.text_factory = lambda raw: raw.decode("utf-8", "replace")
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            place = f", table {name}"
            try:
                rows = database.execute('SELECT * FROM "{}"'.format(name.replace('"', '""')))
                yield from _rows(place, rows, budget)
            except sqlite3.Error:
                yield Unread(place, "damaged, or not readable by SQLite alone")


def read_parquet(content: bytes, budget: Budget) -> Iterator[Part]:
    """Yield the rows of a Parquet file."""
    return _frame(pl.scan_parquet(io.BytesIO(content)), budget)


def read_arrow(content: bytes, budget: Budget) -> Iterator[Part]:
    """Yield the rows of an Arrow or Feather file."""
    return _frame(pl.scan_ipc(io.BytesIO(content)), budget)


def read_arrow_stream(content: bytes, budget: Budget) -> Iterator[Part]:
    """Yield the rows of an Arrow stream."""
    return _frame(pl.read_ipc_stream(io.BytesIO(content)).lazy(), budget)


def read_avro(content: bytes, budget: Budget) -> Iterator[Part]:
    """Yield the rows of an Avro file."""
    return _frame(pl.read_avro(io.BytesIO(content)).lazy(), budget)


def _frame(frame: pl.LazyFrame, budget: Budget) -> Iterator[Part]:
    height = frame.select(pl.len()).collect().item()
    if height > _MAX_ROWS:
        yield Unread("", f"only its first {_MAX_ROWS:,} rows are compared")
    for start in range(0, min(height, _MAX_ROWS), _AT_ONCE):
        yield from _rows("", frame.slice(start, _AT_ONCE).collect().iter_rows(), budget)


def _rows(place: str, rows: Iterable[Sequence[Any]], budget: Budget) -> Iterator[Part]:
    """Yield the rows of a table as text, and the files that are in its cells."""
    lines, files, size = [], [], 0
    for row in rows:
        found = [cell for cell in scalars(row) if isinstance(cell, bytes)]
        lines.append(line(row))
        files += found
        size += len(lines[-1]) + 1 + sum(map(len, found))
        if size > budget.size:
            raise UnreadableError(TOO_MUCH)
        if len(lines) > _MAX_ROWS:
            yield Unread(place, f"only its first {_MAX_ROWS:,} rows are compared")
            break
    budget.take(size)
    yield Text(place, "\n".join(lines))
    yield from (File(place, file) for file in files)


def read_npy(content: bytes, budget: Budget) -> Iterator[Part]:
    """Yield the values of a NumPy array; one of objects is a pickle."""
    array = load_npy(content)
    if array is None:
        from compete.portfolio.extraction.pickles import read_pickle

        return read_pickle(content[_header(content)[1] :], budget)
    return read_arrays([array])


def is_npy(content: bytes) -> bool:
    """Return whether a file is a NumPy array."""
    return content.startswith(b"\x93NUMPY")


def load_npy(content: bytes) -> NDArray[Any] | None:
    """Return a NumPy file's array; None for one of objects.

    Raises:
        ValueError: it is damaged.
    """
    header, start = _header(content)
    dtype = np.dtype(
        [tuple(field) for field in header["descr"]]
        if isinstance(header["descr"], list)
        else header["descr"]
    )
    return (
        None
        if dtype.hasobject
        else array_of(content[start:], header["shape"], dtype, header["fortran_order"])
    )


def _header(content: bytes) -> tuple[dict[str, Any], int]:
    """Return the header of a NumPy file and where its values begin."""
    width = 2 if content[6] == 1 else 4
    (length,) = struct.unpack_from("<H" if width == 2 else "<I", content, 8)
    start = 8 + width + length
    if length > 2**16:
        raise ValueError("its header is too long")
    return ast.literal_eval(content[8 + width : start].decode("latin-1")), start


def array_of(
    values: bytes, shape: Sequence[int], dtype: np.dtype[Any], is_fortran: bool
) -> NDArray[Any]:
    """Return an array of some bytes.

    Raises:
        ValueError: there are not as many.
    """
    count = int(np.prod([int(size) for size in shape], dtype=object)) if shape else 1
    array = np.frombuffer(values, dtype, count)
    return array.reshape(tuple(shape), order="F" if is_fortran else "C")


def read_arrays(arrays: Sequence[NDArray[Any] | list[Any]]) -> Iterator[Part]:
    """Yield the rows of arrays, of arrays of equal length side by side, and their images."""
    for array in arrays:
        if isinstance(array, np.ndarray):
            yield from _images(array)
        rows = [line(row) for row in _array_rows(array)]
        yield Text("", "\n".join(rows))
        yield Text("", " ".join(rows))
    yield from read_columns(arrays)


def read_columns(arrays: Sequence[NDArray[Any] | list[Any]]) -> Iterator[Part]:
    """Yield the rows of a table whose columns are arrays."""
    columns: dict[int, list[list[Any]]] = defaultdict(list)
    for array in arrays:
        rows = _array_rows(array)
        columns[len(rows)].append(rows)
        # pandas keeps the columns of a table as rows
        if isinstance(array, np.ndarray) and array.ndim == 2 and len(array) <= _MAX_COLUMNS:
            columns[array.shape[1]] += array.tolist()
    for group in columns.values():
        if len(group) > 1:
            yield Text("", "\n".join(map(line, zip(*group, strict=True))))


def _array_rows(array: NDArray[Any] | list[Any]) -> list[Any]:
    if isinstance(array, list):
        return array
    array = np.atleast_1d(array)
    rows: list[Any] = array.reshape(len(array), -1).tolist() if array.size else []
    return rows


def _images(array: NDArray[Any]) -> Iterator[Part]:
    """Yield what may be images in an array, as files.

    Args:
        array: `(height, width)`, `(n, height, width)`, or one of these with colours `(..., 3)`.
    """
    coloured = array.ndim > 2 and array.shape[-1] in (1, 3, 4)
    sides = array.shape[-3:-1] if coloured else array.shape[-2:]
    if len(sides) < 2 or min(sides) < _MIN_SIDE or array.dtype.kind not in "uif":
        return
    images = array.reshape(-1, *array.shape[-3:] if coloured else sides)
    if len(images) > _MAX_IMAGES:
        yield Unread("", f"only the first {_MAX_IMAGES} of {len(images)} images are compared")
    for number, image in enumerate(images[:_MAX_IMAGES]):
        if image.dtype != np.uint8:
            low, high = float(image.min()), float(image.max())
            if not np.isfinite([low, high]).all() or low < 0 or high > 255:
                continue
            image = (image * (255.0 if high <= 1 else 1.0)).astype(np.uint8)
        file = io.BytesIO()
        with suppress(ValueError, TypeError, KeyError, SystemError):
            Image.fromarray(image.squeeze()).save(file, "PPM" if image.shape[-1] == 3 else "PNG")
            yield File(f", image {number + 1}", file.getvalue())
