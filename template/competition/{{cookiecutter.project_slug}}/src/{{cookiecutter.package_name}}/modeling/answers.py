"""Turns predictions into what the submission holds: labels, probabilities, values or rankings."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..competition import Contract
from ..errors import Fault
from .outputs import Answers

_THRESHOLD = 0.5


def submission_table(contract: Contract, ids: pl.Series, outputs: Answers) -> pl.DataFrame:
    """The submission: Kaggle's columns, Kaggle's ids in Kaggle's order.

    Args:
        ids: the id of each row of `outputs`.
        outputs: probabilities `(rows, classes)`, values `(rows, targets)`, or strings.

    Raises:
        Fault: the sample submission can't be read, or has ids that were not predicted.
    """
    columns = contract.submission_columns[1:]
    table = pl.DataFrame({contract.id_column: ids.cast(pl.String)})
    if isinstance(outputs, list):
        table = table.with_columns(pl.Series(columns[0], outputs))
    else:
        table = table.hstack(pl.DataFrame(_values(contract, np.asarray(outputs), columns)))
    joined = contract.expected_ids().join(
        table, on=contract.id_column, how="left", maintain_order="left"
    )
    missing = joined.filter(pl.col(columns[0]).is_null())
    if missing.height:
        raise Fault(
            f"{missing.height} ids of {contract.sample_submission} were not predicted, first "
            f"{missing[contract.id_column][0]!r}.",
            "Run `compete download` and `compete prepare` again.",
        )
    return joined.select(contract.submission_columns)


def _values(
    contract: Contract, outputs: NDArray[np.float64], columns: list[str]
) -> dict[str, list[object] | NDArray[np.float64]]:
    classes = contract.classes
    if contract.problem == "regression":
        return {name: outputs[:, i] for i, name in enumerate(columns)}
    if contract.problem == "multilabel" and len(columns) == 1 and len(classes) > 1:
        return {columns[0]: [_tags(row, classes) for row in outputs]}
    if contract.prediction == "ranking":
        top = np.argsort(-outputs, axis=1, kind="stable")[:, : contract.scoring.top]
        return {columns[0]: [" ".join(str(classes[i]) for i in row) for row in top]}
    if contract.prediction == "label":
        if contract.problem == "multilabel":
            return {n: (outputs[:, i] > _THRESHOLD).astype(int) for i, n in enumerate(columns)}
        if len(columns) > 1:  # a column for each class: one of them is 1
            best = outputs.argmax(axis=1)
            return {name: (best == i).astype(int) for i, name in enumerate(columns)}
        return {columns[0]: [str(classes[i]) for i in outputs.argmax(axis=1)]}
    if len(columns) == 1:  # the probability of the second class, as Kaggle asks of two
        return {columns[0]: outputs[:, -1]}
    return {name: outputs[:, i] for i, name in enumerate(columns)}


def _tags(row: NDArray[np.float64], classes: list[object]) -> str:
    chosen = np.flatnonzero(row > _THRESHOLD)
    if not len(chosen):
        chosen = np.array([row.argmax()])
    return " ".join(str(classes[i]) for i in chosen)
