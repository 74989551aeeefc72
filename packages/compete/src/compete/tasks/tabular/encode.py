"""Turns columns into numbers and codes; all that it learns, it learns from the rows it may know.

Statistics of targets are cross-fitted: a training row's own target, and those of the rows in its
part, take no part in what it is shown (Micci-Barreca, 2001; Prokhorenkova et al., CatBoost, 2018).
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Codes = NDArray[np.int64]
FoldFeatures = Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]
_PARTS = 10
_OFTEN = 2  # a category in fewer known rows is like one never seen
MANY_LEVELS = 12  # more categories than that are also shown by their mean target
_SMOOTH = 10.0  # rows of the overall mean that are mixed into a category's
_TOPICS = 16
_WORDS = 20_000


@dataclass
class Encoded:
    """Rows as a model reads them.

    Args:
        numbers: `(rows, p)`, NaN where missing.
        codes: `(rows, q)`: 0 is rare or unknown; the others go by frequency, the commonest first.
        means: which of the numbers are mean targets of categories that `codes` has too.
    """

    numbers: Floats
    codes: Codes
    means: list[int] = field(default_factory=list)


def encode(
    known: pl.DataFrame,
    others: list[pl.DataFrame],
    kinds: dict[str, str],
    targets: NDArray[np.float64],
    target_columns: list[str],
    fold_features: FoldFeatures,
    seed: int,
) -> tuple[list[Encoded], list[int]]:
    """Encode the rows that may be learned from, and others by what was learned.

    Args:
        known: the training rows of a fold, with targets.
        others: tables of rows to be encoded by the same rules, such as validation and test.
        kinds: for each column its kind.
        targets: of the known rows, as numbers `(rows, t)`.
        target_columns: their columns in `known`.
        fold_features: the author's columns that need targets.
        seed: of the parts of cross-fitting.

    Returns:
        A result for `known` and for each of `others`; and for each column of codes how many
        different codes it has.
    """
    parts = np.random.default_rng(seed).permutation(known.height) % min(_PARTS, known.height)
    tables = [table.drop(target_columns, strict=False) for table in (known, *others)]
    added = _author_features(fold_features, known, tables, parts)
    if added[0].width:
        tables = [table.hstack(extra) for table, extra in zip(tables, added, strict=True)]
        kinds = kinds | {
            name: "number" if dtype.is_numeric() or dtype == pl.Boolean else "category"
            for name, dtype in added[0].schema.items()
        }
    numbers: list[list[Floats]] = [[] for _ in tables]
    codes: list[list[Codes]] = [[] for _ in tables]
    levels: list[int] = []
    means: list[int] = []
    for name, kind in kinds.items():
        columns = [table[name] for table in tables]
        if kind in ("category", "text"):
            columns = [column.cast(pl.String) for column in columns]
        if kind == "day":
            _extend(numbers, _date_parts(columns))
            columns = [as_days(column) for column in columns]
        if kind in ("category", "day"):
            found, count = _codes(columns)
            if count > 1:
                levels.append(count)
                _extend(codes, [code[:, None] for code in found])
            if count > MANY_LEVELS:
                start = sum(part.shape[1] for part in numbers[0]) + 1  # after the frequency
                means += range(start, start + targets.shape[1])
                _extend(numbers, _mean_targets(found, count, targets, seed))
        else:
            made: Callable[[list[pl.Series]], list[Floats]] = {
                "date": _date_parts,
                "text": _topics,
            }.get(kind, _numbers)
            _extend(numbers, made(columns))
    results = []
    for table, some, others_ in zip(tables, numbers, codes, strict=True):
        empty = np.empty((table.height, 0))
        results.append(
            Encoded(
                np.concatenate([empty, *some], axis=1, dtype=np.float32),
                np.concatenate([empty, *others_], axis=1, dtype=np.int64, casting="unsafe"),
                means,
            )
        )
    return _without_constants(results), levels


def _extend(lists: list[list[Any]], values: list[Any]) -> None:
    for into, value in zip(lists, values, strict=True):
        into.append(value)


def _author_features(
    fold_features: FoldFeatures,
    known: pl.DataFrame,
    tables: list[pl.DataFrame],
    parts: NDArray[np.int64],
) -> list[pl.DataFrame]:
    """Return `fold_features` of each table; of the known rows part by part, by the others."""
    rest = [fold_features(known, table) for table in tables[1:]]
    if not any(table.width for table in rest):
        return [pl.DataFrame() for _ in tables]
    pieces = []
    for part in range(parts.max() + 1):
        inside = pl.Series(parts == part)
        pieces.append(fold_features(known.filter(~inside), tables[0].filter(inside)))
    back = np.argsort(np.argsort(parts, kind="stable"), kind="stable")
    own = pl.concat(pieces, how="vertical_relaxed")[back.tolist()]
    return [own, *rest]


def _numbers(columns: list[pl.Series]) -> list[Floats]:
    results = []
    for column in columns:
        values = column.cast(pl.Float64, strict=False).to_numpy()
        values = np.clip(values, -1e30, 1e30, where=np.isfinite(values), out=values.copy())
        values[~np.isfinite(values)] = np.nan
        results.append(values[:, None].astype(np.float32))
    return results


def as_days(column: pl.Series) -> pl.Series:
    """Return points in time as the names of their days."""
    return column.cast(pl.Date).cast(pl.String)


def _date_parts(columns: list[pl.Series]) -> list[Floats]:
    """Days since 1970, and the parts of the calendar that may repeat."""
    results = []
    for column in columns:
        d = column.dt
        seconds = d.epoch("s").cast(pl.Float64)
        calendar = [d.year(), d.month(), d.day(), d.weekday(), d.ordinal_day(), d.hour()]
        made = [seconds / 86_400, *calendar]
        results.append(np.stack([x.cast(pl.Float32).to_numpy() for x in made], axis=1))
    return results


def _topics(columns: list[pl.Series]) -> list[Floats]:
    """Length and number of words, and latent topics of TF-IDF weights (Deerwester et al., 1990)."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    sizes = [
        np.stack([c.str.len_chars().to_numpy(), c.str.count_matches(r"\S+").to_numpy()], axis=1)
        for c in columns
    ]
    texts = [column.fill_null("").to_list() for column in columns]
    try:
        words = TfidfVectorizer(min_df=2, max_features=_WORDS, sublinear_tf=True)
        seen = words.fit_transform(texts[0])
    except ValueError:  # no word occurs twice
        return [size.astype(np.float32) for size in sizes]
    count = min(_TOPICS, seen.shape[1] - 1)
    if count < 1:
        return [size.astype(np.float32) for size in sizes]
    svd = TruncatedSVD(count, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # texts that are all alike
        topics = [svd.fit_transform(seen), *(svd.transform(words.transform(t)) for t in texts[1:])]
    return [np.hstack(pair).astype(np.float32) for pair in zip(sizes, topics, strict=True)]


def _codes(columns: list[pl.Series]) -> tuple[list[Codes], int]:
    """Codes by frequency among the known rows; a missing value is a category like others."""
    values = [column.fill_null("\0").alias("value") for column in columns]
    counts = values[0].value_counts(name="count").filter(pl.col("count") >= _OFTEN)
    order = counts.sort(["count", "value"], descending=[True, False])["value"]
    codes = pl.DataFrame({"value": order, "code": range(1, order.len() + 1)})
    results = [
        pl.DataFrame(value)
        .join(codes, on="value", how="left", maintain_order="left")["code"]
        .fill_null(0)
        .to_numpy()
        for value in values
    ]
    return results, order.len() + 1


def _mean_targets(
    codes: list[Codes], count: int, targets: NDArray[np.float64], seed: int
) -> list[Floats]:
    """Return each code's smoothed mean target and frequency; known rows are cross-fitted."""
    from sklearn.model_selection import KFold
    from sklearn.preprocessing import TargetEncoder

    frequency = np.log1p(np.bincount(codes[0], minlength=count))
    results = [[np.where(code > 0, frequency[code], 0.0)[:, None]] for code in codes]
    parts = KFold(min(_PARTS, len(targets)), shuffle=True, random_state=seed)
    for target in targets.T:
        encoder = TargetEncoder(target_type="continuous", smooth=_SMOOTH, cv=parts)
        known, *others = (code[:, None] for code in codes)
        means = [encoder.fit_transform(known, target), *map(encoder.transform, others)]
        _extend(results, means)
    return [np.hstack(result).astype(np.float32) for result in results]


def _without_constants(results: list[Encoded]) -> list[Encoded]:
    """Less the columns of numbers that are the same in every known row."""
    known = results[0].numbers
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of empty columns
        varies = np.nanmin(known, axis=0) < np.nanmax(known, axis=0)
    varies |= np.isnan(known).any(axis=0) & ~np.isnan(known).all(axis=0)
    means = np.flatnonzero(np.isin(np.flatnonzero(varies), results[0].means)).tolist()
    return [Encoded(np.ascontiguousarray(r.numbers[:, varies]), r.codes, means) for r in results]
