"""Finds rows of the competition's tables in text, however they are written there.

A row is known by its words and numbers: separators, quotes, brackets, names of columns and the form
of numbers (1 or 1.0, five digits) make no difference, nor does where lines break. A row is found

- where its values follow each other, with anything before and behind; its first and its last
  column, such as an identifier and the target, may be missing,
- or on a line of its own, its columns in any order, with an index before them.

Rows that are cut short, translated or mixed with other values are not found.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from compete.files import atomic_path
from compete.portfolio.row_tokens import ANCHOR, Hashes, Numbers, Tokens, anchors_of

_MIN_ROW = 16  # characters; shorter rows are like any other line
# What a row must say, see `Tokens.weight`: on a line of its own, among others, without its ends.
_MIN_LINE, _MIN_AMONG, _MIN_INNER = 12, 16, 32
_AT_ONCE = 2**20


class Rows(NamedTuple):
    """Rows of the data, as their hashes, each `(rows,)`.

    Args:
        anchor: the three tokens by which a row is looked up.
        before: the number of tokens before these, without the first column.
        size: the number of tokens without those of the first and the last column.
        inner: the sequence of these.
        first_size: the number of the first column's tokens.
        first: the sequence of these.
        last_size: the number of the last column's tokens.
        last: the sequence of these.
        whole: the row's tokens in any order.
        without_first: the same without the first column.
        without_last: the same without the last column.
    """

    anchor: NDArray[Any]
    before: NDArray[Any]
    size: NDArray[Any]
    inner: NDArray[Any]
    first_size: NDArray[Any]
    first: NDArray[Any]
    last_size: NDArray[Any]
    last: NDArray[Any]
    whole: NDArray[Any]
    without_first: NDArray[Any]
    without_last: NDArray[Any]


def summarize(tokens: Tokens, first_size: Numbers, last_size: Numbers) -> Rows:
    """Return rows for an index; those of less than three tokens are left out.

    Args:
        tokens: of the rows.
        first_size: how many tokens of each row are of its first column `(rows,)`.
        last_size: how many are of its last column `(rows,)`.
    """
    sizes = np.diff(tokens.starts)
    has_inner = sizes - first_size - last_size >= ANCHOR
    chosen = np.flatnonzero(sizes >= ANCHOR)
    first_size, last_size = (first_size * has_inner)[chosen], (last_size * has_inner)[chosen]
    starts, ends = tokens.starts[:-1][chosen], tokens.starts[1:][chosen]
    inner_start, inner_end = starts + first_size, ends - last_size
    anchors = anchors_of(tokens.hashes)
    # The anchor that begins with each token of the inner columns, and which is a row's lowest.
    count = inner_end - inner_start - ANCHOR + 1
    begins = np.cumsum(count) - count
    row = np.repeat(np.arange(len(count)), count)
    before = np.arange(len(row)) - begins[row]
    inner_anchors = anchors[inner_start[row] + before]
    lowest = np.minimum.reduceat(inner_anchors, begins) if len(begins) else anchors[:0]
    is_lowest = np.flatnonzero(inner_anchors == lowest[row])
    of_rows = is_lowest[np.flatnonzero(np.diff(row[is_lowest], prepend=-1))]
    return Rows(
        lowest,
        before[of_rows],
        inner_end - inner_start,
        tokens.sequences(inner_start, inner_end),
        first_size,
        tokens.sequences(starts, inner_start),
        last_size,
        tokens.sequences(inner_end, ends),
        tokens.sets(starts, ends),
        tokens.sets(inner_start, ends),
        tokens.sets(starts, inner_end),
    )


class Match(NamedTuple):
    """A row of the data in a text.

    Args:
        row: a hash of all its values, the same for equal rows.
        start: the token that it begins with.
        end: the one behind it.
    """

    row: int
    start: int
    end: int


class RowIndex:
    """The rows of the data in the order in which they are looked up.

    Args:
        rows: of the data, by their anchors.
        sets: hashes of the rows in any order, whole or without an end, in order `(3 * rows,)`.
        row_of_set: the row of each `(3 * rows,)`.
    """

    def __init__(self, rows: Rows, sets: Hashes, row_of_set: Numbers) -> None:
        self.rows, self.sets, self.row_of_set = rows, sets, row_of_set

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.rows.anchor)

    @classmethod
    def of(cls, rows: Rows) -> "RowIndex":
        """Return the index of rows in any order."""
        order = np.argsort(rows.anchor, kind="stable")
        rows = Rows(*(column[order] for column in rows))
        sets = np.concatenate([rows.whole, rows.without_first, rows.without_last])
        order = np.argsort(sets, kind="stable")
        return cls(rows, sets[order], order % max(len(rows.whole), 1))

    @classmethod
    def load(cls, file: Path, key: str) -> "RowIndex | None":
        """Return an index that was kept under this key, None if there is none."""
        with suppress(OSError, ValueError, KeyError, BadZipFile), np.load(file) as kept:
            if str(kept["key"]) == key:
                rows = Rows(*(kept[name] for name in Rows._fields))
                return cls(rows, kept["sets"], kept["row_of_set"])
        return None

    def keep(self, file: Path, key: str) -> None:
        """Write the index to a file."""
        with atomic_path(file) as beside, beside.open("wb") as opened:
            arrays = {**self.rows._asdict(), "sets": self.sets, "row_of_set": self.row_of_set}
            np.savez(opened, key=np.array(key), **arrays)

    def find(self, text: Tokens) -> list[Match]:
        """Return the rows that are in a text, each in one place; none overlaps another."""
        if not len(self.sets):
            return []
        chosen: list[Match] = []
        for match in sorted(
            {*self._sequences(text), *self._lines(text)}, key=lambda one: one.start
        ):
            if not chosen or match.start >= chosen[-1].end:
                chosen.append(match)
        return chosen

    def _lines(self, text: Tokens) -> Iterator[Match]:
        """Yield the lines that are rows whose columns are in any order."""
        ends = text.starts[1:]
        for starts in (text.starts[:-1], np.minimum(text.starts[:-1] + 1, ends)):
            sets = text.sets(starts, ends)
            at = np.minimum(np.searchsorted(self.sets, sets), len(self.sets) - 1)
            is_row = (self.sets[at] == sets) & (ends - starts >= ANCHOR)
            is_row &= text.characters(starts, ends) >= _MIN_ROW
            for line in np.flatnonzero(is_row):
                row = int(self.rows.whole[self.row_of_set[at[line]]])
                match = Match(row, int(starts[line]), int(ends[line]))
                if text.weight(match.start, match.end, is_ordered=False) >= _MIN_AMONG:
                    yield match

    def _sequences(self, text: Tokens) -> Iterator[Match]:
        """Yield the rows whose values follow each other."""
        anchors = anchors_of(text.hashes)
        low = np.searchsorted(self.rows.anchor, anchors, "left")
        counts = np.searchsorted(self.rows.anchor, anchors, "right") - low
        places = np.flatnonzero(counts)
        parts = np.cumsum(counts[places]) // _AT_ONCE
        for part in np.split(places, np.flatnonzero(np.diff(parts)) + 1):
            count = counts[part]
            offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            yield from self._verified(
                text, np.repeat(part, count), np.repeat(low[part], count) + offset
            )

    def _verified(self, text: Tokens, at: Numbers, numbers: Numbers) -> Iterator[Match]:
        """Yield which rows are really there.

        Args:
            text: the text.
            at: positions in it `(pairs,)`.
            numbers: a row for each, which has the same anchor `(pairs,)`.
        """
        total = len(text.hashes)
        start = at - self.rows.before[numbers]
        end = start + self.rows.size[numbers]
        fits = np.flatnonzero((start >= 0) & (end <= total))
        inner = self.rows.inner[numbers[fits]]
        same = fits[text.sequences(start[fits], end[fits]) == inner]
        rows = Rows(*(column[numbers[same]] for column in self.rows))
        start, end = start[same], end[same]
        first_start = np.maximum(start - rows.first_size, 0)
        has_first = text.sequences(first_start, start) == rows.first
        last_end = np.minimum(end + rows.last_size, total)
        has_last = text.sequences(end, last_end) == rows.last
        start, end = np.where(has_first, first_start, start), np.where(has_last, last_end, end)
        line = np.searchsorted(text.starts, start, "right") - 1
        is_line = has_first & has_last & (text.starts[line + 1] == end)
        is_line &= start - text.starts[line] <= 1  # with an index before it
        needed = np.where(has_first | has_last, _MIN_AMONG, _MIN_INNER)
        needed[is_line] = _MIN_LINE
        for one in np.flatnonzero(text.characters(start, end) >= _MIN_ROW):
            match = Match(int(rows.whole[one]), int(start[one]), int(end[one]))
            if text.weight(match.start, match.end, is_ordered=True) >= needed[one]:
                yield match
