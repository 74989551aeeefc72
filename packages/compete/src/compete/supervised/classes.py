"""The classes of labels: which they are, in which order, and which of two is the positive one."""

import re
from typing import Any

import polars as pl
import yaml

from compete.contract import Competition
from compete.errors import Fault
from compete.files import PARAMS
from compete.metrics import Metric

_MAX_CLASSES_TO_GUESS = 20
_BY_ORDER = ("quadratic_weighted_kappa",)
_YES = {
    *[
        "yes",
        "y",
        "true",
        "t",
        "1",
        "positive",
        "pos",
        "approved",
        "accepted",
        "pass",
        "passed",
        "success",
        "successful",
        "won",
        "win",
    ],
    *[
        "present",
        "fraud",
        "spam",
        "malignant",
        "abnormal",
        "sick",
        "diseased",
        "disease",
        "defaulted",
        "churned",
    ],
    *["clicked", "bought", "purchased", "survived", "attack", "malicious", "toxic"],
}
_NO = {
    *[
        "no",
        "n",
        "false",
        "f",
        "0",
        "negative",
        "neg",
        "rejected",
        "denied",
        "declined",
        "fail",
        "failed",
        "failure",
        "lost",
        "lose",
    ],
    *[
        "unsuccessful",
        "loss",
        "absent",
        "none",
        "normal",
        "ham",
        "legitimate",
        "benign",
        "healthy",
        "retained",
    ],
}


def is_binary(column: pl.Series) -> bool:
    """Return whether a column holds nothing but zeros and ones."""
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
            f"The column {labels.name!r} has one value in all rows: there is nothing to learn.",
            "Set another `target_columns:` under `competition` in params.yaml.",
        )
    if labels.dtype == pl.Boolean:
        return "classification", values
    if not labels.dtype.is_numeric():
        tags = sorted({tag for value in values for tag in str(value).split()})
        of_tags = metric is not None and metric.prediction == "label" and metric.name != "accuracy"
        of_tags = of_tags and metric is not None and metric.fits("multilabel")
        if of_tags and len(tags) < len(values) and any(value in tags for value in values):
            return "multilabel", tags
        return "classification", values
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


def _fraction(values: list[float]) -> float:
    return next(value for value in values if not float(value).is_integer())


def in_order(classes: list[Any], metric: Metric) -> list[Any]:
    """Return the classes from the least to the greatest, for metrics that ask for their order.

    Numbers have one, and names that differ by a number alone, such as `grade 2` and `grade 10`.

    Raises:
        Fault: nothing tells the order.
    """
    if metric.name not in _BY_ORDER or not all(isinstance(one, str) for one in classes):
        return classes
    parts = [re.fullmatch(r"(\D*)(\d+)(\D*)", one) for one in classes]
    if len({(part[1], part[3]) if part else None for part in parts}) == 1 and all(parts):
        return sorted(classes, key=lambda one: int("".join(filter(str.isdigit, one))))
    raise Fault(
        f"{metric.name} goes by the order of the classes, and the words {classes[:5]} tell none.",
        f"Set `metric: accuracy`, or a metric of your own, under `competition` in {PARAMS}.",
    )


def order_of_two(
    classes: list[Any], asked: Competition, column: str, metric: Metric, page: str = ""
) -> tuple[list[Any], str]:
    """Return two classes, the positive one last, and what says so.

    It is what params.yaml names, the class that the submission's column is named after, or the one
    whose probability Kaggle's page asks for; of numbers the greater, of true and false the true
    one, of words those that usually mean yes or no.

    Args:
        classes: both.
        asked: what params.yaml says.
        column: of the submission.
        metric: whether it asks for the positive class.
        page: Kaggle's page on how submissions are scored.

    Raises:
        Fault: nothing tells, and the metric asks for it.
    """
    if asked.positive_class is not None:
        found = [one for one in classes if str(one) == str(asked.positive_class)]
        if not found:
            raise Fault(
                f"`positive_class: {asked.positive_class}` under `competition` in {PARAMS} is no "
                f"class.",
                f"Set it to one of {classes}.",
            )
        return sorted(classes, key=lambda one: one == found[0]), str(PARAMS)
    if not all(isinstance(one, str) for one in classes):
        return classes, "the greater one"
    words = ["".join(letter for letter in one.lower() if letter.isalnum()) for one in classes]
    name = column.lower()
    hits = [len(word) > 2 and (name == word or name.endswith(f"_{word}")) for word in words]
    if sum(hits) == 1:
        return sorted(
            classes, key=lambda one: one == classes[hits.index(True)]
        ), f"the column {column!r}"
    asked_for = [any(word in said for said in _of_probability(page)) for word in words]
    if sum(asked_for) == 1:
        chosen = classes[asked_for.index(True)]
        return sorted(classes, key=lambda one: one == chosen), "Kaggle's page asks for it"
    meant = [(word in _YES) - (word in _NO or _negates(word, words)) for word in words]
    if meant[0] != meant[1]:
        return sorted(classes, key=lambda one: meant[classes.index(one)]), "a usual word for it"
    if metric.prediction == "probability" or metric.two_classes:
        raise Fault(
            f"{metric.name} asks for one of the classes {classes[0]!r} and {classes[1]!r}, and "
            "nothing says which.",
            f"Add `positive_class: {_in_yaml(classes[1])}` or `positive_class: "
            f"{_in_yaml(classes[0])}` under `competition` in {PARAMS}.",
        )
    return classes, "the last in the alphabet; the metric does not ask"


def _of_probability(page: str) -> list[set[str]]:
    """Return the words of each sentence of a page that speaks of a probability."""
    sentences = re.split(r"[.!?]\s|\n", page.lower())
    return [set(re.findall(r"\w+", one)) for one in sentences if re.search(r"probab|likel", one)]


def _in_yaml(word: str) -> str:
    """Return a word as YAML needs it, which takes `>50K` for a sign and `yes` for a truth value."""
    return yaml.safe_dump([word], default_flow_style=True, width=1000).strip()[1:-1]


def _negates(word: str, words: list[str]) -> bool:
    """Return whether a word is the other one with a negation, as `insincere` or `not paid`."""
    return any(
        word == f"{no}{other}" for other in words for no in ("not", "no", "non", "un", "in", "il")
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
