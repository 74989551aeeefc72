"""The translation memory: for each sentence the known ones that are most like it.

A translator that is shown how a similar sentence was translated learns to copy what fits and to
fix the rest (Neural Fuzzy Repair; Bulte and Tezcan, 2019).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestNeighbors

from compete.processed import read_array

_MOST = 50_000  # the time to search all pairs grows with the square of their number
_KEPT = 8  # candidates of each row; those that a fold must not know are passed over
_NOBODY = -1


def is_used(asked: bool | str, weights: str, rows: int) -> bool:
    """Return whether there is a memory; `auto`: from scratch, with few pairs to search."""
    return weights == "none" and rows <= _MOST if asked == "auto" else bool(asked)


def keep_similar(
    folder: Path, sources: dict[str, list[str]], splits: Sequence[str] = ("train", "test")
) -> None:
    """Find for each sentence the training ones that share most pieces with it, itself aside.

    Args:
        folder: where to write.
        sources: the sentences of each split.
        splits: those to find it for.
    """
    vectorizer = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, dtype=np.float32
    )
    known = vectorizer.fit_transform(sources["train"])
    count = min(_KEPT + 1, len(sources["train"]))
    search = NearestNeighbors(n_neighbors=count, metric="cosine").fit(known)
    for split in splits:
        texts = sources[split]
        similar = search.kneighbors(vectorizer.transform(texts), return_distance=False)
        if split == "train":
            similar[similar == np.arange(len(texts))[:, None]] = _NOBODY
        np.save(folder / f"{split}-similar.npy", similar.astype(np.int32))


def recall(
    folder: Path, split: str, count: int, known: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Return for each row of a split the most similar training row, -1 where none is known.

    Args:
        folder: where `keep_similar` left what it found; if it was not asked, nothing is known.
        split: `train` or `test`.
        count: the rows of the split.
        known: for each training row whether it may be recalled; by default all may.
    """
    file = folder / f"{split}-similar.npy"
    if not file.exists():
        return np.full(count, _NOBODY)
    similar = read_array(file, mapped=False)
    allowed = similar != _NOBODY
    if known is not None:
        allowed &= known[similar]
    first = similar[np.arange(len(similar)), allowed.argmax(axis=1)]
    rows: NDArray[np.int64] = np.where(allowed.any(axis=1), first, _NOBODY).astype(np.int64)
    return rows
