"""Takes rows apart into their words and numbers, and hashes these and sequences of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int64]
ANCHOR = 3  # tokens
SEPARATORS = r"[\s,;|\"'`\\(){}\[\]:=<>&]+"
_PUNCTUATION = ("", "-", "*", "+", ".", "/", "#", "\u2013", "\u2014", "...", "?", "!")
_MISSING = ("nan", "NaN", "NAN", "None", "none", "null", "NULL", "Null", "NA", "N/A", "/A", "NaT")
_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")
_DIGITS = 5  # significant ones of a fraction: tables that are printed, and 32 bits, have no more
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that it has an inverse modulo 2**64
_INVERSE = np.uint64(pow(int(_BASE), -1, 2**64))


@dataclass(frozen=True)
class Tokens:
    """The words and numbers of some rows.

    Args:
        hashes: one for each, the same for equal numbers `(n,)`.
        lengths: their characters `(n,)`.
        starts: where each row begins, and the end `(rows + 1,)`.
    """

    hashes: Hashes
    lengths: Numbers
    starts: Numbers

    def sequences(self, starts: Numbers, ends: Numbers) -> Hashes:
        """Return the hash of each sequence of tokens; their order makes a difference."""
        return (self._ordered[ends] - self._ordered[starts]) * self._inverse[starts]

    def sets(self, starts: Numbers, ends: Numbers) -> Hashes:
        """Return the hash of each sequence of tokens, whatever their order."""
        return self._sums[ends] - self._sums[starts]

    @cached_property
    def _sums(self) -> Hashes:
        return _prefix(self.hashes)

    @cached_property
    def _ordered(self) -> Hashes:
        return _prefix(self.hashes * _powers(_BASE, len(self.hashes)))

    @cached_property
    def _inverse(self) -> Hashes:
        return _powers(_INVERSE, len(self.hashes) + 1)

    def characters(self, starts: Numbers, ends: Numbers) -> Numbers:
        """Return the characters of each sequence of tokens, with one between two of them."""
        found: Numbers = self._lengths[ends] - self._lengths[starts] + ends - starts - 1
        return found

    def weight(self, start: int, end: int, *, is_ordered: bool) -> int:
        """Return how much a sequence says, which for 0, 1, 1, 0 is little.

        Args:
            start: where it begins.
            end: where it ends.
            is_ordered: it was compared in its order, which says more where values change.

        Returns:
            The characters of its different tokens, or how often the value changes if that is more.
        """
        tokens = self.hashes[start:end]
        _, first = np.unique(tokens, return_index=True)
        changes = int((tokens[1:] != tokens[:-1]).sum()) if is_ordered else 0
        characters = int(self.lengths[start:end][first].sum())
        return max(characters, changes) if len(first) >= ANCHOR else 0

    @cached_property
    def _lengths(self) -> Numbers:
        return np.concatenate([[0], np.cumsum(self.lengths)])


def tokenize(rows: pl.Series, ignored: Sequence[str] = ()) -> Tokens:
    """Return the words and numbers of some rows.

    Args:
        rows: texts.
        ignored: words that say nothing, such as the names of columns.
    """
    skipped = [*_PUNCTUATION, *_MISSING, *ignored, *(f"/{name}" for name in ignored)]
    found = (
        rows.fill_null("")
        .str.replace_all(SEPARATORS, " ")
        .str.split(" ")
        .alias("token")
        .to_frame()
        .with_row_index("row")
        .explode("token")
        .filter(~pl.col("token").is_in(skipped))
    )
    token = pl.col("token")
    number = (pl.when(token.is_in(_TRUE)).then(1.0).when(token.is_in(_FALSE)).then(0.0)).otherwise(
        token.cast(pl.Float64, strict=False)
    )
    found = found.with_columns(number=number, word=token.hash(1), length=token.str.len_chars())
    numbers = found["number"].to_numpy()
    hashes = np.where(np.isfinite(numbers), hash_numbers(numbers), found["word"].to_numpy())
    starts = np.searchsorted(found["row"].to_numpy(), np.arange(len(rows) + 1))
    return Tokens(hashes, found["length"].to_numpy().astype(np.int64), starts)


def hash_numbers(numbers: NDArray[np.float64]) -> Hashes:
    """Return a hash of each number; fractions are the same if their first five digits are."""
    with np.errstate(all="ignore"):
        scale = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(np.abs(numbers))))
        rounded = np.rint(numbers * scale) / scale
        whole = (numbers == np.rint(numbers)) | ~np.isfinite(rounded)
    mixed: Hashes = np.ascontiguousarray(np.where(whole, numbers, rounded) + 0.0).view(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # of splitmix64
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def _prefix(values: Hashes) -> Hashes:
    return np.concatenate([np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)])


def _powers(base: np.uint64, count: int) -> Hashes:
    powers = np.full(count, base)
    powers[:1] = 1
    return np.cumprod(powers, dtype=np.uint64)


def anchors_of(hashes: Hashes) -> Hashes:
    """Return the hash of each three tokens that follow each other; the more alike, the higher."""
    a, b, c = hashes[:-2], hashes[1:-1], hashes[2:]
    alike = np.stack([a == b, b == c, a == c]).sum(axis=0, dtype=np.uint64)
    mixed = np.add(a, np.multiply(np.add(b, np.multiply(c, _BASE)), _BASE), dtype=np.uint64)
    anchors: Hashes = (mixed >> np.uint64(2)) | (alike << np.uint64(62))
    return anchors
