"""Finds the competition's data in other files: copies of files, images, and rows of tables."""

import base64
import hashlib
import html
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import polars as pl

from compete.files import PROCESSED, RAW, REPORTS
from compete.perceptual_hash import are_known, thumbnail
from compete.portfolio.git_blobs import Blob

_TABLES = (".csv", ".tsv", ".json", ".jsonl", ".txt")
_READ = 256 * 2**20  # bytes of each table, from its beginning
_MIN_ROWS = 5  # so many are no coincidence
_MIN_ROW = 16  # characters; shorter rows are like any other line
_MIN_FILE = 32  # bytes; smaller files are the same by chance
_SEPARATORS = bytes.maketrans(b",;|\t\"'", b"      ")
# PNG, JPEG, WebP and GIF in base64, as notebooks and pages hold them, line breaks escaped or not.
_BASE64 = re.compile(rb"(?:iVBORw0KGgo|/9j/|UklGR|R0lGOD)[A-Za-z0-9+/\\\s]{64,}")
_REPORT = (REPORTS / "index.html").as_posix()  # it shows a few small images on purpose


class Place(NamedTuple):
    """A line of a file, or of a file inside an archive; line 0 is the whole file."""

    blob: Blob
    inner: str
    line: int


class DataLeaks:
    """Collects what is in files, and compares it with the competition's data."""

    def __init__(self) -> None:
        self._rows: dict[bytes, list[Place]] = defaultdict(list)
        self._images: list[tuple[Place, bytes]] = []

    def add(self, blob: Blob, inner: str, content: bytes) -> None:
        """Collect the lines and the images of a file.

        Args:
            blob: the file, or the archive that it is in.
            inner: its path within the archive, or nothing.
            content: its bytes.
        """
        for line, image in _images(content, embedded=blob.name != _REPORT):
            if small := thumbnail(image):
                self._images.append((Place(blob, inner, line), small))
        for line, row in _rows(content):
            if len(row) >= _MIN_ROW and len(set(row.split())) > 2:
                self._rows[row].append(Place(blob, inner, line))

    def copied_file(self, content: bytes) -> Path | None:
        """Return the file of the data that has this content, if there is one."""
        same_size = self._sizes.get(len(content), []) if len(content) > _MIN_FILE else []
        digest = hashlib.sha256(content).digest() if same_size else b""
        for path in same_size:
            if hashlib.sha256(path.read_bytes()).digest() == digest:
                return path
        return None

    def copied_rows(self) -> Iterator[Place]:
        """Yield the first copied line of each collected file that has several rows of the data."""
        found: dict[tuple[Blob, str], dict[bytes, Place]] = defaultdict(dict)
        for path in sorted(RAW.rglob("*")):
            if path.suffix.lower() not in _TABLES or not path.is_file():
                continue
            with path.open("rb") as file:
                for line in file.read(_READ).splitlines():
                    row = _values(line)
                    for place in self._rows.get(row, ()):
                        found[place.blob, place.inner][row] = place
        for rows in found.values():
            if len(rows) >= _MIN_ROWS:
                yield min(rows.values(), key=lambda place: place.line)

    def copied_images(self) -> Iterator[Place]:
        """Yield where images of the data are, whatever their size and format."""
        known = are_known([small for _, small in self._images])
        yield from (place for (place, _), same in zip(self._images, known, strict=True) if same)

    @cached_property
    def _sizes(self) -> dict[int, list[Path]]:
        """The files of the data by size, since only files of the same size need to be read."""
        sizes = defaultdict(list)
        for folder in (RAW, PROCESSED):
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    sizes[path.stat().st_size].append(path)
        return sizes


def _values(line: bytes) -> bytes:
    """Return the values of a row with single spaces between them, whatever separated them."""
    return b" ".join(line.translate(_SEPARATORS).split())


def _rows(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield what may be rows of a table, with their lines, in any of these forms.

    A line as it is, or without an index before it; a line of a notebook's output; a row of an
    HTML table; a row of a parquet file.
    """
    if content.startswith(b"PAR1"):
        with suppress(pl.exceptions.PolarsError):
            content = pl.read_parquet(io.BytesIO(content)).write_csv().encode()
    for number, line in enumerate(content.splitlines(), start=1):
        for text in _with_notebook_lines(line):
            row = _values(text)
            yield number, row
            yield number, row.partition(b" ")[2]
    for table_row in re.findall(rb"<tr.*?</tr>", content.replace(b"\\n", b" "), re.DOTALL):
        cells = re.findall(rb"<t[dh][^>]*>(.*?)</t[dh]>", table_row, re.DOTALL)
        values = [html.unescape(cell.decode("utf-8", "replace")).encode() for cell in cells]
        start = max(content.find(cells[0] if cells else b""), 0)
        number = content.count(b"\n", 0, start) + 1
        for part in (values, values[1:]):
            yield number, _values(b" ".join(part))


def _with_notebook_lines(line: bytes) -> list[bytes]:
    """Return a line, and the lines inside it if it is a string of a notebook's JSON."""
    string = line.strip().rstrip(b",")
    if string.startswith(b'"') and string.endswith(b'"'):
        with suppress(ValueError):
            return [line, *str(json.loads(string)).encode().splitlines()]
    return [line]


def _images(content: bytes, *, embedded: bool) -> Iterator[tuple[int, bytes]]:
    """Yield what may be an image, with its line: the file itself, and what it holds in base64.

    Args:
        content: of the file.
        embedded: look for base64 at all.
    """
    yield 0, content
    for found in _BASE64.finditer(content) if embedded else ():
        text = re.sub(rb"\\[nr]|[\\\s]", b"", found[0])
        with suppress(ValueError):
            image = base64.b64decode(text + b"=" * (-len(text) % 4))
            yield content.count(b"\n", 0, found.start()) + 1, image
