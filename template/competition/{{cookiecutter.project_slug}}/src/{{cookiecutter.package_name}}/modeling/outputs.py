"""What models answer, numbers or strings: how tables keep it, and the truth beside it."""

import polars as pl
import torch
from torch import Tensor

from ..competition import Contract

# Probabilities `(rows, classes)`, values `(rows, targets)`, or a string for each row.
Answers = Tensor | list[str]


def with_answers(table: pl.DataFrame, contract: Contract, answers: Answers) -> pl.DataFrame:
    """The table with a column for each output, named after its class, label or target."""
    if isinstance(answers, list):
        return table.with_columns(pl.Series(f"p_{contract.target_columns[0]}", answers, pl.String))
    names = contract.target_columns if contract.problem == "regression" else contract.classes
    values = answers.numpy()
    return table.hstack(pl.DataFrame({f"p_{name}": values[:, i] for i, name in enumerate(names)}))


def answers_of(table: pl.DataFrame) -> Answers:
    """What `with_answers` put there."""
    columns = table.select(pl.col("^p_.*$"))
    if columns.dtypes == [pl.String]:
        return columns.to_series().to_list()
    return torch.from_numpy(columns.to_numpy().copy())


def with_truth(
    table: pl.DataFrame, contract: Contract, source: pl.DataFrame, targets: Tensor
) -> pl.DataFrame:
    """The table with what is right for each row.

    Args:
        source: the training rows; `targets` are theirs, as `target_tensor` makes them.
    """
    if contract.problem == "translation":
        return table.with_columns(target_0=source[contract.target_columns[0]])
    values = targets.unsqueeze(1) if targets.ndim == 1 else targets
    truth = {f"target_{i}": column.numpy() for i, column in enumerate(values.T)}
    return table.hstack(pl.DataFrame(truth))


def truth_of(table: pl.DataFrame, contract: Contract) -> Answers:
    """What `with_truth` put there, as the metric wants it."""
    columns = table.select(pl.col("^target_.*$"))
    if contract.problem == "translation":
        return columns.to_series().to_list()
    truth = torch.from_numpy(columns.to_numpy().copy())
    return truth[:, 0].long() if contract.problem == "classification" else truth
