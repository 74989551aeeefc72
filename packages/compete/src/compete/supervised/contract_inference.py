"""Completes the contract: what params.yaml leaves out comes from Kaggle's record, then files."""

from typing import Any

import polars as pl

from compete.contract import Competition, Contract
from compete.errors import Fault
from compete.files import PARAMS
from compete.metrics import Metric, caution, find_metric, get_metric, unknown_metric
from compete.records import CompetitionRecord

_RECORD = "Kaggle's record"
_MAX_CLASSES_TO_GUESS = 20


def infer_contract(
    asked: Competition,
    record: CompetitionRecord,
    train: pl.DataFrame,
    sample: pl.DataFrame,
    names: tuple[str, str],
) -> Contract:
    """Complete the contract: what params.yaml leaves out comes from Kaggle's record, then files.

    Args:
        asked: what params.yaml says.
        record: Kaggle's record of the competition, as `download` kept it.
        train: the table with the labels, a row for each training row (pixels left out).
        sample: the sample submission.
        names: the files that `train` and `sample` were read from, to be named as sources.

    Raises:
        Fault: a value is missing or ambiguous; the remedy is the line to add to params.yaml.
    """
    train_name, sample_name = names
    sources = {"slug": str(PARAMS), "rows": sample_name, "submission_columns": sample_name}
    id_column = asked.id_column or sample.columns[0]
    sources["id_column"] = str(PARAMS) if asked.id_column else sample_name
    if id_column not in sample.columns:
        raise Fault(
            f"The sample submission {sample_name} has no column {id_column!r}.",
            f"Set `id_column:` under `competition` to one of {sample.columns}.",
        )
    value_columns = [column for column in sample.columns if column != id_column]
    if not value_columns:
        raise Fault(
            f"The sample submission {sample_name} has no column besides {id_column!r}.",
            "Run `compete download` again: it shows what Kaggle wants predicted.",
        )
    targets = asked.target_columns or _find_targets(train, sample, value_columns)
    sources["target_columns"] = str(PARAMS) if asked.target_columns else train_name
    if missing := [column for column in targets if column not in train.columns]:
        raise Fault(
            f"The training table {train_name} has no column {missing[0]!r}.",
            f"Set `target_columns:` under `competition` to some of {train.columns[:20]}.",
        )
    metric, sources["metric"] = _known_metric(asked, record, train, targets)
    problem, classes = _problem(train, targets, metric)
    sources["problem"] = sources["classes"] = train_name
    if metric is None:
        metric, sources["metric"] = _usual_metric(problem, sample, value_columns)
    sources["prediction"] = f"the metric {metric.name}"
    if problem == "classification" and len(value_columns) > 1:
        classes = _classes_in_order(classes, value_columns)
    elif problem == "classification" and metric.prediction == "probability" and len(classes) > 2:
        raise Fault(
            f"{metric.name} needs a probability for each of {len(classes)} classes, but the sample "
            f"submission has one column.",
            "Set `metric:` under `competition` in params.yaml, for example `metric: accuracy`.",
        )
    for key in ("title", "deadline", "max_daily_submissions", "kernels_only"):
        if getattr(record, key):
            sources[key] = _RECORD
    return Contract(
        slug=asked.slug,
        title=record.title or asked.slug,
        problem=problem,
        metric=metric.name,
        id_column=id_column,
        target_columns=targets,
        classes=classes,
        submission_columns=[id_column, *value_columns],
        prediction=metric.prediction,
        rows=sample.height,
        sample_submission=sample_name,
        deadline=record.deadline,
        max_daily_submissions=record.max_daily_submissions,
        kernels_only=record.kernels_only,
        sources=sources | {"sample_submission": "the files"},
    )


def _find_targets(train: pl.DataFrame, sample: pl.DataFrame, values: list[str]) -> list[str]:
    by_name = {column.lower(): column for column in train.columns}
    if all(value.lower() in by_name for value in values):
        return [by_name[value.lower()] for value in values]
    if len(values) > 1:  # one column for each class, named after it
        named = set(values)
        for column in train.columns:
            if {str(value) for value in train[column].unique().to_list()} == named:
                return [column]
    usual = ("label", "labels", "target", "targets", "class", "category", "y")
    if found := [by_name[name] for name in usual if name in by_name]:
        return found[:1]
    rest = [column for column in train.columns if column.lower() != sample.columns[0].lower()]
    if len(rest) == 1:
        return rest
    raise Fault(
        f"Which columns to predict is not clear: the sample submission has {values}, the training "
        f"table {train.columns[:20]}.",
        "Add `target_columns: [NAME]` under `competition` in params.yaml.",
    )


def _known_metric(
    asked: Competition, record: CompetitionRecord, train: pl.DataFrame, targets: list[str]
) -> tuple[Metric | None, str]:
    by_kaggle = asked.metric == "auto"
    name = record.metric if by_kaggle else asked.metric
    if not name:
        return None, ""
    metric = find_metric(name)
    if metric is None:
        try:
            problem, classes = _problem(train, targets, None)
        except Fault:  # without a metric the labels do not tell
            raise unknown_metric(name, by_kaggle=by_kaggle) from None
        raise unknown_metric(name, problem, len(classes), by_kaggle)
    if not by_kaggle:
        return metric, str(PARAMS)
    return metric, "; ".join(filter(None, (_RECORD, caution(name))))


def _usual_metric(problem: str, sample: pl.DataFrame, values: list[str]) -> tuple[Metric, str]:
    if problem == "regression":
        return get_metric("rmse"), "usual for regression"
    if problem == "translation":
        return get_metric("chrf"), "usual for translation"
    fractions = any(
        sample[column].dtype.is_float() and ((sample[column] % 1) != 0).any() for column in values
    )
    if fractions or (problem == "classification" and len(values) > 1):
        raise Fault(
            "The sample submission holds probabilities, and nothing says how they are scored.",
            "Add `metric: log_loss` or `metric: auc` under `competition` in params.yaml.",
        )
    if problem == "multilabel":
        return get_metric("micro_f1"), "usual for several labels"
    return get_metric("accuracy"), "usual for classification"


def _problem(
    train: pl.DataFrame, targets: list[str], metric: Metric | None
) -> tuple[str, list[Any]]:
    """Return the kind of problem and its classes, from the labels and the metric."""
    columns = [train[target].drop_nulls() for target in targets]
    columns = [c.drop_nans() if c.dtype.is_float() else c for c in columns]
    wants_values = metric is not None and metric.prediction == "value"
    sentences = metric is None and len(columns) == 1 and _is_prose(columns[0])
    if sentences or (metric is not None and metric.prediction == "text"):
        if len(targets) > 1:
            raise Fault(
                f"The metric scores one column of text, and {targets} are several.",
                "Name the one to predict: `target_columns: [NAME]` under `competition`.",
            )
        return "translation", []
    text = [column.name for column in columns if not column.dtype.is_numeric()]
    text = [name for name in text if train[name].dtype != pl.Boolean]
    if len(targets) > 1:
        if not text and not wants_values and all(_is_binary(column) for column in columns):
            return "multilabel", targets
        if text or (metric is not None and not wants_values):
            raise Fault(
                f"The columns {targets} are neither all numbers nor all zeros and ones.",
                "Name the ones to predict: `target_columns: [NAME]` under `competition`.",
            )
        return "regression", []
    labels = columns[0]
    if wants_values:
        if text:
            raise Fault(
                f"{metric.name if metric else ''} scores numbers, but {labels.name!r} holds text.",
                "Set another `metric:` or `target_columns:` under `competition` in params.yaml.",
            )
        return "regression", []
    values = labels.unique().sort().to_list()
    if len(values) < 2:
        raise Fault(
            f"The column {labels.name!r} has one value in all rows: there is nothing to learn.",
            "Set another `target_columns:` under `competition` in params.yaml.",
        )
    if text:
        tags = sorted({tag for value in values for tag in str(value).split()})
        f1 = metric is not None and metric.name.endswith("f1")
        if f1 and len(tags) < len(values) and any(value in tags for value in values):
            return "multilabel", tags
        return "classification", values
    if labels.dtype == pl.Boolean:
        return "classification", values
    whole = all(float(value).is_integer() for value in values)
    if whole and (metric is not None or len(values) <= _MAX_CLASSES_TO_GUESS):
        return "classification", [int(value) for value in values]
    if whole or metric is not None:
        raise Fault(
            f"The column {labels.name!r} holds {len(values)} different numbers, from {values[0]} "
            f"to {values[-1]}: classes or values?",
            "Add `metric: accuracy` (classes) or `metric: rmse` (values) under `competition` in "
            "params.yaml.",
        )
    return "regression", []


def _is_prose(column: pl.Series) -> bool:
    """Return whether these are sentences, nearly all of them different: no names of classes."""
    if column.dtype != pl.String or 2 * column.n_unique() < len(column):
        return False
    words = (column.str.strip_chars().str.count_matches(r"\s+") + 1).median()
    return isinstance(words, int | float) and words >= 3


def _is_binary(column: pl.Series) -> bool:
    return column.dtype == pl.Boolean or set(column.unique().to_list()) <= {0, 1}


def _length(value: Any) -> int:
    return len(str(value))


def _classes_in_order(classes: list[Any], columns: list[str]) -> list[Any]:
    """Return the classes in the order of the submission's columns, which are named after them."""
    ordered = []
    for column in columns:
        exact = [value for value in classes if str(value) == column]
        ending = sorted((value for value in classes if column.endswith(str(value))), key=_length)
        match = exact or ending[-1:]
        if not match or match[0] in ordered:
            raise Fault(
                f"The column {column!r} of the sample submission is none of the classes "
                f"{classes[:20]}.",
                "Name the column with the labels: `target_columns: [NAME]` under `competition`.",
            )
        ordered.append(match[0])
    if len(ordered) != len(classes):
        raise Fault(
            f"The sample submission has {len(ordered)} columns for {len(classes)} classes.",
            "Name the column with the labels: `target_columns: [NAME]` under `competition`.",
        )
    return ordered
