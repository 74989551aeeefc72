"""Converts predictions into the submission, with the columns, ids and order of Kaggle's sample."""

import polars as pl

from compete.errors import Fault
from compete.files import ROW_ID
from compete.problems import Problem
from compete.problems.base import Predictions


def submission_table(problem: Problem, ids: pl.Series, predictions: Predictions) -> pl.DataFrame:
    """Return the submission.

    Args:
        problem: decides what a cell holds.
        ids: the id of each row of `predictions`.
        predictions: probabilities `(rows, classes)`, values `(rows, targets)`, or strings.

    Raises:
        Fault: the sample submission can't be read, or has ids that were not predicted.
    """
    contract = problem.contract
    columns, sample = contract.value_columns, contract.read_sample()
    table = pl.DataFrame({ROW_ID: ids}).hstack(
        pl.DataFrame(problem.submission(predictions, columns))
    )
    given = sample.select(pl.exclude(columns))
    joined = given.join(table, on=ROW_ID, how="left", maintain_order="left")
    missing = joined.filter(pl.col(columns[0]).is_null())
    if missing.height:
        raise Fault(
            f"{missing.height} ids of {contract.sample_submission} were not predicted, first "
            f"{missing[ROW_ID][0]!r}.",
            "Run `compete download` and `compete prepare` again.",
        )
    return joined.select(contract.submission_columns)
