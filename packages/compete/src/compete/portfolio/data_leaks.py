"""Finds the competition's data in other files: copies of files, images, and rows of tables."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from compete.files import PROCESSED, RAW, REPORTS
from compete.perceptual_hash import are_known, count_known, thumbnail
from compete.portfolio.extraction import File, Text, Unread, is_image
from compete.portfolio.git_blobs import Blob
from compete.portfolio.raw_rows import RawTables
from compete.portfolio.row_matching import RowIndex
from compete.portfolio.row_tokens import tokenize

_MIN_ROWS = 5  # so many are no coincidence
_MIN_FILE = 32  # bytes; smaller files are the same by chance
_REPORT = (REPORTS / "index.html").as_posix()  # it shows a few samples on purpose
_REPORT_ROWS = 64  # it shows up to some 40
_SHOWN = 5  # names of tables
_MIN_TEXT = _MIN_ROWS * 16  # characters; shorter texts have no five rows
_AT_ONCE = 4 * 2**20  # characters


class Place(NamedTuple):
    """A line of a file, or of something inside a file; line 0 is the whole."""

    blob: Blob
    inner: str
    line: int


class _Lines(NamedTuple):
    """Lines of a text, and where the first of them is."""

    place: Place
    lines: list[str]


class DataLeaks:
    """Collects what is in files, and compares it with the competition's data."""

    def __init__(self) -> None:
        self._images: list[tuple[Place, bytes]] = []
        self._texts: list[_Lines] = []
        self._size = 0
        self._rows: dict[tuple[Blob, str], dict[int, int]] = defaultdict(dict)
        self._tables = RawTables()

    def add_image(self, blob: Blob, file: File) -> Unread | None:
        """Collect a file if it is an image.

        Args:
            blob: the file of the project.
            file: it, or a file in it.

        Returns:
            What to say if it is an image that can't be read.
        """
        if blob.name == _REPORT and file.place:
            return None
        if small := thumbnail(file.content):
            self._images.append((Place(blob, file.place, 0), small))
        elif is_image(file.content):
            return Unread(file.place, "an image that is damaged or too large")
        return None

    def add_text(self, blob: Blob, text: Text) -> None:
        """Collect the lines of a text of a file."""
        if not self._tables.paths or len(text.text) < _MIN_TEXT:
            return
        lines: list[str] = []
        for number, line in enumerate(text.text.splitlines(), start=1):
            # Long lines are cut: a row that is not found there is found in the next.
            pieces = [line[i : i + _AT_ONCE] for i in range(0, len(line), _AT_ONCE)] or [""]
            for piece in pieces:
                if not lines:
                    place = Place(blob, text.place, number if text.has_lines else 0)
                    self._texts.append(_Lines(place, lines))
                lines.append(piece)
                self._size += len(piece) + 1
                if self._size > _AT_ONCE:
                    self._compare()
                    lines = []

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
        self._compare()
        for (blob, inner), rows in self._rows.items():
            if len(rows) >= (_REPORT_ROWS if blob.name == _REPORT else _MIN_ROWS):
                yield Place(blob, inner, min(filter(None, rows.values()), default=0))

    def copied_images(self) -> Iterator[Place]:
        """Yield where images of the data are, whatever their size and format."""
        known = are_known([small for _, small in self._images])
        yield from (place for (place, _), same in zip(self._images, known, strict=True) if same)

    def compared(self) -> str:
        """Return with what of the data files are compared, in words; nothing without data."""
        paths, parts = self._tables.paths, []
        if paths:
            names = ", ".join(path.name for path in paths[:_SHOWN])
            more = f" and {len(paths) - _SHOWN} more" if paths[_SHOWN:] else ""
            parts.append(f"{self._index.count:,} rows of {names}{more}")
        if images := count_known():
            parts.append(f"{images:,} images")
        if files := sum(map(len, self._sizes.values())):
            parts.append(f"the content of {files:,} {'file' if files == 1 else 'files'}")
        return ", ".join(parts)

    def unread(self) -> list[str]:
        """Return what of the data is not compared, in words."""
        return list(self._tables.unread)

    def _compare(self) -> None:
        """Compare the texts that were collected with the rows of the data."""
        if not self._texts:
            return
        lines, first = [], [0]
        for text in self._texts:
            lines += text.lines
            first.append(len(lines))
        tokens = tokenize(pl.Series(lines, dtype=pl.String), self._names)
        for match in self._index.find(tokens):
            line = int(np.searchsorted(tokens.starts, match.start, "right")) - 1
            number = int(np.searchsorted(first, line, "right")) - 1
            blob, inner, start = self._texts[number].place
            found = line - first[number] + start if start else 0
            self._rows[blob, inner].setdefault(match.row, found)
        self._texts, self._size = [], 0

    @cached_property
    def _names(self) -> list[str]:
        return self._tables.names()

    @cached_property
    def _index(self) -> RowIndex:
        return self._tables.index()

    @cached_property
    def _sizes(self) -> dict[int, list[Path]]:
        """The files of the data by size, since only files of the same size need to be read."""
        sizes = defaultdict(list)
        for folder in (RAW, PROCESSED):
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    sizes[path.stat().st_size].append(path)
        return sizes
