"""Completes the contract: what params.yaml leaves out comes from Kaggle's record, then files."""

from typing import Any

import polars as pl

from compete.contract import Competition, Contract
from compete.errors import Fault
from compete.files import PARAMS
from compete.metrics import (
    Metric,
    caution,
    find_metric,
    fitting_metrics,
    get_metric,
    unknown_metric,
)
from compete.records import CompetitionRecord
from compete.supervised.classes import (
    classes_of,
    classes_of_columns,
    in_order,
    is_binary,
    label_separator,
    one_of_each_row,
)
from compete.supervised.positive_class import order_of_two
from compete.supervised.reading import Reading, Split
from compete.supervised.targets import find_targets

_RECORD = "Kaggle's record"


def infer_contract(
    asked: Competition, record: CompetitionRecord, reading: Reading[Split]
) -> Contract:
    """Complete the contract: what params.yaml leaves out comes from Kaggle's record, then files.

    Args:
        asked: what params.yaml says.
        record: Kaggle's record of the competition, as `download` kept it.
        reading: what the files hold.

    Raises:
        Fault: a value is missing or ambiguous; the remedy is the line to add to params.yaml.
    """
    train, sample, id_column = reading.train.table, reading.sample, reading.id_column
    sources = {"slug": str(PARAMS), "sample_submission": "the files", "tables": "the files"}
    for key in ("rows", "submission_columns", "id_column", "copied_columns"):
        sources[key] = reading.sample_name
    if asked.id_column:
        sources["id_column"] = str(PARAMS)
    given = {id_column, *reading.copied_columns}
    values = [column for column in sample.columns if column not in given]
    if not values:
        raise Fault(
            f"The sample submission {reading.sample_name} has no column besides {id_column!r}.",
            "If the test rows hold the targets, too, name them: `target_columns: [NAME]` under "
            "`competition` in params.yaml. Else run `compete download` again.",
        )
    targets, sources["target_columns"] = find_targets(asked, reading, values)
    names = {target.lower(): target for target in targets}
    if len(names) == len(targets) and names.keys() == {value.lower() for value in values}:
        targets = [names[value.lower()] for value in values]
    metric, sources["metric"] = _known_metric(asked, record, train, targets)
    problem, classes = _problem(train, targets, metric, record)
    sources["problem"] = sources["classes"] = reading.train_name
    if metric is None:
        metric, sources["metric"] = _usual_metric(problem, sample, values)
    sources["prediction"] = f"the metric {metric.name}"
    if not metric.fits(problem, len(classes)):
        of = f" of {len(classes)} classes" if problem == "classification" else ""
        raise Fault(
            f"The metric {metric.name} does not score {problem}{of}, which the targets "
            f"{targets[:20]} are.",
            f"Set `metric:` under `competition` in {PARAMS} to one that does: "
            f"{', '.join(fitting_metrics(problem, len(classes)))}.",
        )
    if len(values) > 1 and (problem == "classification" or _names_labels(problem, targets)):
        classes = classes_of_columns(classes, values)
    elif len(values) != len(targets) and (problem == "regression" or len(values) > 1):
        raise Fault(
            f"The sample submission asks for {values[:20]}, and the targets are {targets[:20]}.",
            "Name a training column for each, in this order: `target_columns: [NAME, NAME]` under "
            f"`competition` in {PARAMS}. Several predictions of one target, such as the ends of an "
            "interval, are not supported.",
        )
    elif problem == "classification" and metric.prediction == "probability" and len(classes) > 2:
        raise Fault(
            f"{metric.name} needs a probability for each of {len(classes)} classes, but the sample "
            f"submission has one column.",
            "Set `metric:` under `competition` in params.yaml, for example `metric: accuracy`.",
        )
    elif problem == "classification" and len(classes) > 2:
        classes = in_order(classes, metric)
    elif problem == "classification" and len(classes) == 2:
        classes, why = order_of_two(classes, asked, values[0], metric, record.evaluation)
        sources["classes"] = f"{reading.train_name}; {classes[1]!r} is positive: {why}"
    separator = " "
    if _names_labels(problem, targets):
        separator = label_separator(train[targets[0]].drop_nulls(), metric) or separator
        sources["label_separator"] = reading.train_name
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
        submission_columns=sample.columns,
        prediction=metric.prediction,
        rows=sample.height,
        sample_submission=reading.sample_name,
        deadline=record.deadline,
        max_daily_submissions=record.max_daily_submissions,
        kernels_only=record.kernels_only,
        label_separator=separator,
        copied_columns=reading.copied_columns,
        tables=reading.tables,
        sources=sources,
    )


def _names_labels(problem: str, targets: list[str]) -> bool:
    """Return whether one column of the training rows has the names of several labels."""
    return problem == "multilabel" and len(targets) == 1


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
            problem, classes = _problem(train, targets, None, record)
        except Fault:  # without a metric the labels do not tell
            raise unknown_metric(name, by_kaggle=by_kaggle) from None
        raise unknown_metric(name, problem, len(classes), by_kaggle)
    if not by_kaggle:
        return metric, str(PARAMS)
    return metric, "; ".join(filter(None, (_RECORD, caution(name))))


def _usual_metric(problem: str, sample: pl.DataFrame, values: list[str]) -> tuple[Metric, str]:
    if problem == "regression":
        return get_metric("rmse"), "the default for regression"
    if problem == "translation":
        return get_metric("chrf"), "the default for translation"
    fractions = any(
        sample[column].dtype.is_float() and ((sample[column] % 1) != 0).any() for column in values
    )
    if fractions or (problem == "classification" and len(values) > 1):
        raise Fault(
            "The sample submission contains probabilities, but their metric is not known.",
            "Add `metric: log_loss` or `metric: auc` under `competition` in params.yaml.",
        )
    if problem == "multilabel":
        return get_metric("micro_f1"), "the default for several labels"
    return get_metric("accuracy"), "the default for classification"


def _problem(
    train: pl.DataFrame, targets: list[str], metric: Metric | None, record: CompetitionRecord
) -> tuple[str, list[Any]]:
    """Return the kind of problem and its classes, from the labels and the metric."""
    columns = [train[target].drop_nulls() for target in targets]
    columns = [c.filter(c.is_finite()) if c.dtype.is_float() else c for c in columns]
    if empty := [column.name for column in columns if column.is_empty()]:
        raise Fault(
            f"The column {empty[0]!r} of the training rows is empty.",
            "Set another `target_columns:` under `competition` in params.yaml.",
        )
    wants_values = metric is not None and metric.prediction == "value"
    sentences = metric is None and len(columns) == 1 and _is_prose(columns[0])
    if sentences or (metric is not None and metric.prediction == "text"):
        if len(targets) > 1:
            raise Fault(
                f"The metric scores a single column of text, but the targets are {targets}.",
                "Name the one to predict: `target_columns: [NAME]` under `competition`.",
            )
        return "translation", []
    text = [column.name for column in columns if not column.dtype.is_numeric()]
    text = [name for name in text if train[name].dtype != pl.Boolean]
    if len(targets) > 1:
        if not text and not wants_values and all(is_binary(column) for column in columns):
            columnwise = "column" in record.metric.lower() and metric is not None
            if one_of_each_row(train.select(targets)) and not columnwise:
                return "classification", targets
            return "multilabel", targets
        if text or (metric is not None and not wants_values):
            raise Fault(
                f"The columns {targets} are neither all numbers nor all zeros and ones.",
                "Name the ones to predict: `target_columns: [NAME]` under `competition`.",
            )
        return "regression", []
    if wants_values:
        if text:
            raise Fault(
                f"{metric.name if metric else ''} scores numbers, but {text[0]!r} holds text.",
                "Set another `metric:` or `target_columns:` under `competition` in params.yaml.",
            )
        return "regression", []
    if metric is not None and _is_prose(columns[0]):
        raise Fault(
            f"The column {columns[0].name!r} contains sentences, nearly all of them different, but "
            f"{metric.name} scores classes.",
            "Set another `target_columns:` under `competition` in params.yaml. To generate "
            "sentences, create a project for the task translation, with `metric: chrf`.",
        )
    return classes_of(columns[0], metric)


def _is_prose(column: pl.Series) -> bool:
    """Return whether these are sentences, nearly all of them different: no names of classes."""
    if column.dtype != pl.String or 2 * column.n_unique() < len(column):
        return False
    words = (column.str.strip_chars().str.count_matches(r"\s+") + 1).median()
    return isinstance(words, int | float) and words >= 3
