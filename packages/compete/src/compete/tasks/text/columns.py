"""Which columns hold the text, which values go with it, and how both become what a model reads."""

from collections.abc import Mapping

import polars as pl

from compete.contract import Feature
from compete.errors import Fault
from compete.files import OWN
from compete.tasks.language.normalize import normalize_web
from compete.tasks.text.settings import TextSettings

_MIN_WORDS = 3
_FEW_WORDS = 1.5  # phrases, where most of their characters are letters
_MOST_LETTERS = 0.4
_MIN_DISTINCT = 0.5
_MIN_REPEATED = 5

Features = dict[str, Feature]


def find_columns(
    train: pl.DataFrame, test: pl.DataFrame, skip: Mapping[str, str], settings: TextSettings
) -> Features:
    """Return every column with its kind: `text`, `side`, or `drop` for what no model reads.

    Of the columns of strings that both tables have, the one with the longest values is text, and so
    is every other that mostly holds different values of several words. One whose values each come
    back, five times on average, goes beside the text.

    Args:
        train: the training rows.
        test: the rows to predict.
        skip: columns that are neither, such as ids, targets and groups, each with the reason.
        settings: may name the columns.

    Raises:
        Fault: a named column is missing, or there is no text.
    """
    columns = [name for name in train.columns if not name.startswith(OWN)]
    both = [name for name in columns if name in test.columns and name not in skip]
    lengths = {name: _median(train[name].str.len_chars()) for name in both if _strings(train[name])}
    longest = max(lengths, key=lambda name: lengths[name], default=None)
    found = {
        name: Feature("drop", skip[name])
        if name in skip
        else Feature("drop", "the test rows do not have it")
        if name not in both
        else Feature(*_kind(train[name], name == longest and lengths[name] > 0))
        for name in columns
        if name in test.columns or name not in skip
    }
    for kind, asked in (("text", settings.text_columns), ("side", settings.side_columns)):
        if asked == "auto":
            continue
        if any(name not in both for name in asked):
            raise Fault(
                f"`{kind}_columns: {asked}` under `data` in params.yaml does not name columns that "
                "both tables have.",
                f"Choose from {both[:20]}.",
            )
        for name, feature in found.items():
            if feature.kind == kind:
                found[name] = Feature("drop", f"params.yaml names other `{kind}_columns`")
        found |= {name: Feature(kind, "params.yaml") for name in asked}
    if not any(feature.kind == "text" for feature in found.values()):
        raise Fault(
            f"None of the columns {both[:20]} that both tables have holds text.",
            "Name one: `text_columns: [NAME]` under `data` in params.yaml.",
        )
    return found


def _strings(column: pl.Series) -> bool:
    return column.dtype == pl.String


def _median(lengths: pl.Series) -> float:
    value = lengths.drop_nulls().median()
    return float(value) if isinstance(value, int | float) else 0.0


def _kind(column: pl.Series, longest: bool) -> tuple[str, str]:
    """Return the kind of a column that both tables have, and the reason."""
    values, name = column.drop_nulls(), "`side_columns`"
    if not _strings(column):
        return "drop", f"it contains no text; {name} can select it anyway"
    if values.is_empty():
        return "drop", "it is empty"
    if longest:
        return "text", "the longest values"
    if (different := values.n_unique()) == 1:
        return "drop", "it is constant"
    words = values.str.strip_chars().str.count_matches(r"\s+") + 1
    letters = _mean(values.str.count_matches(r"\p{L}")) / max(1.0, _mean(values.str.len_chars()))
    if different >= _MIN_DISTINCT * column.len():
        if _median(words) >= _MIN_WORDS or (_mean(words) >= _FEW_WORDS and letters > _MOST_LETTERS):
            return "text", f"{_mean(words):.1f} words per value, most of them different"
        return "drop", "nearly every row has its own value, which is not text"
    if different * _MIN_REPEATED <= column.len():
        return "side", f"{different} repeated values"
    return "drop", (
        f"{different} different values: too many to add to the text; {name} can select it"
    )


def _mean(numbers: pl.Series) -> float:
    value = numbers.mean()
    return float(value) if isinstance(value, int | float) else 0.0


def cleaned(table: pl.DataFrame, features: Features, clean: bool) -> pl.DataFrame:
    """Return the columns of `features` as strings, "" where there is nothing."""
    chosen = table.select(pl.col(name).cast(pl.String).fill_null("") for name in features)
    if not clean:
        return chosen
    return chosen.with_columns(pl.all().map_elements(normalize_web, return_dtype=pl.String))


def joined(
    table: pl.DataFrame, features: Features, separator: str
) -> tuple[list[str], list[str] | None]:
    """Return what the model reads of each row: a first text, and a second if there are several.

    The side values come first, then the texts in the table's order, with the tokenizer's separator
    between them; what is empty is left out. The last of several texts is the second of the pair.
    """
    texts = [name for name, feature in features.items() if feature.kind == "text"]
    second = texts.pop() if len(texts) > 1 else None
    parts = [name for name, feature in features.items() if feature.kind == "side"] + texts
    rows = table.select(
        pl.concat_list(parts)
        .list.eval(pl.element().filter(pl.element() != ""))
        .list.join(f" {separator} ")
    )
    return rows.to_series().to_list(), table[second].to_list() if second else None
