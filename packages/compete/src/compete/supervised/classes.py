"""The classes of labels and their order."""

import re
from typing import Any

import polars as pl

from compete.errors import Fault
from compete.files import PARAMS
from compete.metrics import Metric
from compete.problems.multilabel import split_labels

_MAX_CLASSES_TO_GUESS = 20
_SEPARATORS = ",;| "
_COMBINED = 2  # so many texts for each word are combinations, not classes of several words


def is_binary(column: pl.Series) -> bool:
    """Return whether a column contains only zeros and ones."""
    return column.dtype == pl.Boolean or set(column.unique().to_list()) <= {0, 1}


def one_of_each_row(table: pl.DataFrame) -> bool:
    """Return whether of the zeros and ones of each row just one is 1, and each column has one."""
    numbers = table.drop_nulls().select(pl.all().cast(pl.Int64))
    return bool((numbers.sum_horizontal() == 1).all()) and all(c.max() == 1 for c in numbers)


def classes_of(labels: pl.Series, metric: Metric | None) -> tuple[str, list[Any]]:
    """Return the kind of problem that one column of labels poses, and its classes in order.

    Raises:
        Fault: there is one class, or numbers may be classes or values.
    """
    values = labels.unique().sort().to_list()
    if len(values) < 2:
        raise Fault(
            f"The column {labels.name!r} has the same value in all rows.",
            "Set another `target_columns:` under `competition` in params.yaml.",
        )
    if labels.dtype == pl.Boolean:
        return "classification", values
    if not labels.dtype.is_numeric():
        separator = label_separator(labels, metric) if metric and _scores_labels(metric) else None
        if separator is None:
            return "classification", values
        return "multilabel", sorted(_labels_in(values, separator))
    whole = all(float(value).is_integer() for value in values)
    if metric is not None and not whole:
        raise Fault(
            f"The column {labels.name!r} holds numbers such as {_fraction(values)}, and "
            f"{metric.name} scores classes.",
            "Add `metric: rmse`, or another metric of values, under `competition` in params.yaml.",
        )
    if whole and (metric is not None or len(values) <= _MAX_CLASSES_TO_GUESS):
        return "classification", [int(value) for value in values]
    if whole:
        raise Fault(
            f"The column {labels.name!r} holds {len(values)} different numbers, from {values[0]} "
            f"to {values[-1]}: classes or values?",
            "Add `metric: accuracy` (classes) or `metric: rmse` (values) under `competition` in "
            "params.yaml.",
        )
    return "regression", []


def label_separator(labels: pl.Series, metric: Metric) -> str | None:
    """Return what stands between several labels that are written in one column, if it holds such.

    There are fewer different labels than texts, and some of the texts are one label alone. What
    spaces separate may also be the words of a class, as `extremely positive`: they are labels if
    some text joins two that stand alone elsewhere, if there are far more texts than words, or if
    the metric does not score so many classes.
    """
    values = labels.cast(pl.String).unique().to_list()
    for separator in _SEPARATORS:
        found = _labels_in(values, separator)
        alone = found & set(values)
        if len(found) >= len(values) or not alone:
            continue
        joined = any(len(alone.intersection(split_labels(text, separator))) > 1 for text in values)
        many = len(values) >= _COMBINED * len(found)
        if separator != " " or joined or many or not metric.fits("classification", len(values)):
            return separator
    return None


def _labels_in(values: list[Any], separator: str) -> set[str]:
    return {label for value in values for label in split_labels(str(value), separator)}


def _scores_labels(metric: Metric) -> bool:
    """Return whether a metric compares the labels of a row one by one."""
    return metric.prediction == "label" and metric.name != "accuracy" and metric.fits("multilabel")


def _fraction(values: list[float]) -> float:
    return next(value for value in values if not float(value).is_integer())


def in_order(classes: list[Any], metric: Metric) -> list[Any]:
    """Return the classes from the least to the greatest, for metrics that ask for their order.

    Numbers have one, and names that differ by a number alone, such as `grade 2` and `grade 10`.

    Raises:
        Fault: nothing tells the order.
    """
    if not metric.ordered or not all(isinstance(one, str) for one in classes):
        return classes
    parts = [re.fullmatch(r"(\D*)(\d+)(\D*)", one) for one in classes]
    if len({(part[1], part[3]) if part else None for part in parts}) == 1 and all(parts):
        return sorted(classes, key=lambda one: int("".join(filter(str.isdigit, one))))
    raise Fault(
        f"{metric.name} goes by the order of the classes, and the words {classes[:5]} tell none.",
        f"Set `metric: accuracy`, or a metric of your own, under `competition` in {PARAMS}.",
    )


def classes_of_columns(classes: list[Any], columns: list[str]) -> list[Any]:
    """Return the classes in the order of the submission's columns, which are named after them.

    Raises:
        Fault: a column is named after no class, or a class has no column.
    """
    ordered = []
    for column in columns:
        exact = [value for value in classes if str(value) == column]
        ending = sorted(
            (value for value in classes if column.endswith(str(value))), key=lambda v: len(str(v))
        )
        match = exact or ending[-1:]
        if not match or match[0] in ordered:
            raise Fault(
                f"The column {column!r} of the sample submission is none of the classes "
                f"{classes[:20]}.",
                "Name the column with the labels: `target_columns: [NAME]` under `competition`. If "
                "no training row is of that class, name a copy of the sample without its column by "
                "`sample_table:`, and add the column to the submission.",
            )
        ordered.append(match[0])
    if len(ordered) != len(classes):
        raise Fault(
            f"The sample submission has {len(ordered)} columns for {len(classes)} classes.",
            "Name the column with the labels: `target_columns: [NAME]` under `competition`.",
        )
    return ordered
