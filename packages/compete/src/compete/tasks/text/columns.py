"""Which columns hold the text, which values go with it, and how both become what a model reads."""

import polars as pl

from compete.contract import Feature
from compete.errors import Fault
from compete.tasks.language.normalize import normalize_web
from compete.tasks.text.settings import TextSettings

_MIN_WORDS = 3
_MIN_DISTINCT = 0.5
_MIN_REPEATED = 5

Features = dict[str, Feature]


def find_columns(
    train: pl.DataFrame, test: pl.DataFrame, skip: set[str], settings: TextSettings
) -> Features:
    """Return the columns that the model reads, each with its kind, `text` or `side`.

    Of the columns of strings that both tables have, the one with the longest values is text, and so
    is every other that mostly holds different values of three words or more. One whose values each
    come back, five times on average, goes beside the text.

    Args:
        train: the training rows.
        test: the rows to predict.
        skip: columns that are neither: ids, targets, groups.
        settings: may name the columns.

    Raises:
        Fault: a named column is missing, or there is no text.
    """
    both = [name for name in train.columns if name in test.columns and name not in skip]
    strings = [name for name in both if train[name].dtype == pl.String]
    lengths = {name: _median(train[name].str.len_chars()) for name in strings}
    filled = [name for name in strings if lengths[name] > 0]
    longest = max(filled, key=lambda name: lengths[name], default=None)
    texts = [name for name in filled if name == longest or _is_text(train[name])]
    found = {name: Feature("text", "the files") for name in texts}
    for name in filled:
        if name not in texts and train[name].n_unique() * _MIN_REPEATED <= train.height:
            found[name] = Feature("side", "the files")
    for kind, asked in (("text", settings.text_columns), ("side", settings.side_columns)):
        if asked == "auto":
            continue
        if any(name not in both for name in asked):
            raise Fault(
                f"`{kind}_columns: {asked}` under `data` in params.yaml does not name columns that "
                "both tables have.",
                f"Choose from {both[:20]}.",
            )
        found = {name: feature for name, feature in found.items() if feature.kind != kind}
        found |= {name: Feature(kind, "params.yaml") for name in asked}
    if not any(feature.kind == "text" for feature in found.values()):
        raise Fault(
            f"None of the columns {both[:20]} that both tables have holds text.",
            "Name one: `text_columns: [NAME]` under `data` in params.yaml.",
        )
    return dict(sorted(found.items(), key=lambda item: train.columns.index(item[0])))


def _median(lengths: pl.Series) -> float:
    value = lengths.drop_nulls().median()
    return float(value) if isinstance(value, int | float) else 0.0


def _is_text(column: pl.Series) -> bool:
    values = column.drop_nulls()
    words = _median(values.str.strip_chars().str.count_matches(r"\s+") + 1)
    return words >= _MIN_WORDS and values.n_unique() >= _MIN_DISTINCT * column.len()


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
