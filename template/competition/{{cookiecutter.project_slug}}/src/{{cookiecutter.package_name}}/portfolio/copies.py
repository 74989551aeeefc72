"""Finds the competition's data in other files: the same file elsewhere, its pictures, rows of its
tables."""

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
from itertools import compress
from pathlib import Path

import polars as pl

from ..files import PROCESSED, RAW, REPORTS
from ..thumbnails import known, thumbnail
from .contents import Blob

_TABLES = (".csv", ".tsv", ".json", ".jsonl", ".txt")
_READ = 256 * 2**20  # bytes of each table, from its beginning
_ROWS = 5  # as many rows are no coincidence
_SHORT = 16  # characters that a row must have to be told from any other line
_BETWEEN = bytes.maketrans(b",;|\t\"'", b"      ")
# PNG, JPEG, WebP and GIF in base64, as notebooks and pages hold them, line breaks escaped or not.
_ENCODED = re.compile(rb"(?:iVBORw0KGgo|/9j/|UklGR|R0lGOD)[A-Za-z0-9+/\\\s]{64,}")
_SHOWN = (REPORTS / "index.html").as_posix()  # it shows a few pictures, small, on purpose
_SMALL = 32  # bytes; smaller files are the same by chance


class Copies:
    """What of the data is found in the files that it is shown."""

    def __init__(self) -> None:
        self._lines: dict[bytes, list[tuple[Blob, str, int]]] = defaultdict(list)
        self._pictures: list[tuple[tuple[Blob, str, int], bytes]] = []

    def whole(self, content: bytes) -> Iterator[tuple[int, str, str]]:
        """Whether this is a file of the data, under whatever name."""
        same = self._sizes.get(len(content), []) if len(content) > _SMALL else []
        digest = hashlib.sha256(content).digest() if same else b""
        for path in same:
            if hashlib.sha256(path.read_bytes()).digest() == digest:
                yield 0, f"the competition's {path.name}", "data"
                return

    def remember(self, blob: Blob, inner: str, content: bytes) -> None:
        """Keep its lines and its pictures, to look for them in the data."""
        for number, picture in _pictures(content, embedded=blob.name != _SHOWN):
            if small := thumbnail(picture):
                self._pictures.append(((blob, inner, number), small))
        for number, line in _lines(content):
            if len(line) >= _SHORT and len(set(line.split())) > 2:
                self._lines[line].append((blob, inner, number))

    def rows(self) -> Iterator[tuple[Blob, str, int]]:
        """The files that hold rows of the data, each with the first such line."""
        found: dict[tuple[Blob, str], dict[bytes, int]] = defaultdict(dict)
        for path in sorted(RAW.rglob("*")):
            if path.suffix.lower() not in _TABLES or not path.is_file():
                continue
            with path.open("rb") as file:
                for line in file.read(_READ).splitlines():
                    for blob, inner, number in self._lines.get(plain := _plain(line), ()):
                        found[blob, inner][plain] = number
        for (blob, inner), copied in found.items():
            if len(copied) >= _ROWS:
                yield blob, inner, min(copied.values())

    def pictures(self) -> Iterator[tuple[Blob, str, int]]:
        """The places of pictures of the data, whatever their size and format."""
        places, thumbnails = [place for place, _ in self._pictures], [t for _, t in self._pictures]
        yield from compress(places, known(thumbnails))

    @cached_property
    def _sizes(self) -> dict[int, list[Path]]:
        """The files of the data by their sizes: what has another size need not be read."""
        sizes = defaultdict(list)
        for folder in (RAW, PROCESSED):
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    sizes[path.stat().st_size].append(path)
        return sizes


def _plain(line: bytes) -> bytes:
    """A row without what stands between its values."""
    return b" ".join(line.translate(_BETWEEN).split())


def _lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines as the data might have them: as they are, without an index before them, of tables in
    notebooks and pages, and of parquet files."""
    if content.startswith(b"PAR1"):
        with suppress(pl.exceptions.PolarsError):
            content = pl.read_parquet(io.BytesIO(content)).write_csv().encode()
    for number, line in enumerate(content.splitlines(), start=1):
        for text in _cell_lines(line):
            row = _plain(text)
            yield number, row
            yield number, row.partition(b" ")[2]
    for row in re.findall(rb"<tr.*?</tr>", content.replace(b"\\n", b" "), re.DOTALL):
        cells = re.findall(rb"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
        values = [html.unescape(cell.decode("utf-8", "replace")).encode() for cell in cells]
        at = content.count(b"\n", 0, max(content.find(cells[0] if cells else b""), 0)) + 1
        for part in (values, values[1:]):
            yield at, _plain(b" ".join(part))


def _pictures(content: bytes, *, embedded: bool) -> Iterator[tuple[int, bytes]]:
    """What may be a picture: the file itself, and what a text holds in base64, with its line."""
    yield 0, content
    for found in _ENCODED.finditer(content) if embedded else ():
        text = re.sub(rb"\\[nr]|[\\\s]", b"", found[0])
        with suppress(ValueError):
            picture = base64.b64decode(text + b"=" * (-len(text) % 4))
            yield content.count(b"\n", 0, found.start()) + 1, picture


def _cell_lines(line: bytes) -> list[bytes]:
    """A line, and the text within it if it is a string of a notebook."""
    inner = line.strip().rstrip(b",")
    if inner.startswith(b'"') and inner.endswith(b'"'):
        with suppress(ValueError):
            return [line, *str(json.loads(inner)).encode().splitlines()]
    return [line]
