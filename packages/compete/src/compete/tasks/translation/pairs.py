"""Sentences and their translations: which column, which rows are fit to learn from, and why not."""

import unicodedata
from collections import Counter

import polars as pl

from compete.errors import Fault
from compete.tasks.language.normalize import normalize

_AGREE = 0.9
_TOGETHER = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "FULLWIDTH": "LATIN"}


def find_source(
    train: pl.DataFrame, test: pl.DataFrame, skip: set[str], asked: str
) -> tuple[str, str]:
    """Return the column to translate from, and what says so.

    Args:
        train: the training rows.
        test: the rows to predict.
        skip: columns that can't be it: ids, targets, groups.
        asked: a column's name, or `auto`: of the columns of strings that both tables have, the one
            with the longest values.

    Raises:
        Fault: there is none.
    """
    both = [name for name in train.columns if name in test.columns and name not in skip]
    if asked != "auto":
        if asked not in both:
            raise Fault(
                f"`source_column: {asked}` under `data` in params.yaml is no column that both "
                "tables have.",
                f"Choose one of {both[:20]}.",
            )
        return asked, "params.yaml"
    lengths = {
        name: train[name].str.len_chars().mean() or 0
        for name in both
        if train[name].dtype == pl.String
    }
    if not lengths or not max(lengths.values()):
        raise Fault(
            f"None of the columns {both[:20]} that both tables have holds text.",
            "Name one: `source_column: NAME` under `data` in params.yaml.",
        )
    return max(lengths, key=lambda name: lengths[name]), "the files"


def normalized(column: pl.Series) -> list[str]:
    """Return the strings of a column, normalized, "" where there is nothing."""
    return [normalize(str(value)) if value is not None else "" for value in column]


def script(text: str) -> str | None:
    """Return the script that most letters of `text` are of, such as LATIN; None without letters."""
    names = (unicodedata.name(letter, "OTHER").split()[0] for letter in text if letter.isalpha())
    counts = Counter(_TOGETHER.get(name, name) for name in names)
    return counts.most_common(1)[0][0] if counts else None


def usual_script(texts: list[str]) -> str | None:
    """Return the script of nine of ten texts that have letters; None where they do not agree."""
    counts = Counter(found for text in texts if (found := script(text)))
    if not counts:
        return None
    name, count = counts.most_common(1)[0]
    return name if count >= _AGREE * counts.total() else None


def pair_problems(sources: list[str], targets: list[str]) -> list[str | None]:
    """Return for each pair why it is not fit to learn from, None where it is.

    Either side is `empty`, or in another script (`wrong_script`) than nine of ten of its side are.
    """
    scripts = usual_script(sources), usual_script(targets)
    result: list[str | None] = []
    for pair in zip(sources, targets, strict=True):
        if not all(pair):
            result.append("empty")
            continue
        found = [script(text) for text in pair]
        wrong = any(
            usual and one and one != usual for usual, one in zip(scripts, found, strict=True)
        )
        result.append("wrong_script" if wrong else None)
    return result
