"""One competition for each kind of problem, with a few rows and logits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl
import torch
from torch import Tensor

from compete.contract import Contract
from compete.problems import Problem, get_problem

Make = Callable[..., Contract]
TEXTS = ["le chat dort", "oui", "oui", "il pleut"]
_CONTRACTS: dict[str, dict[str, Any]] = {
    "classification": {"classes": ["a", "b", "c"]},
    "multilabel": {
        "metric": "micro_f1",
        "target_columns": ["u", "v"],
        "classes": ["u", "v"],
        "submission_columns": ["id", "u", "v"],
    },
    "regression": {
        "metric": "rmse",
        "prediction": "value",
        "classes": [],
        "target_columns": ["s", "t"],
        "submission_columns": ["id", "s", "t"],
    },
    "translation": {
        "metric": "chrf",
        "prediction": "text",
        "classes": [],
        "target_columns": ["fr"],
        "submission_columns": ["id", "fr"],
    },
}
_ROWS: dict[str, dict[str, list[Any]]] = {
    "classification": {"y": ["c", "a", "b", "a"]},
    "multilabel": {"u": [1, 0, 1, 0], "v": [1, 1, 0, 0]},
    "regression": {"s": [1.0, 2.0, 3.0, 6.0], "t": [-10.0, 0.0, 10.0, 0.0]},
    "translation": {"fr": ["le chat dort", "oui", "non", "il pleut ici"]},
}
_GOOD = {
    "classification": [[0, 0, 9], [9, 0, 0], [0, 9, 0], [9, 0, 0]],
    "multilabel": [[9, 9], [-9, 9], [9, -9], [-9, -9]],
    "regression": [[-0.92, -1.22], [-0.46, 0], [0, 1.22], [1.38, 0]],
    "translation": [[]] * 4,
}


@dataclass(frozen=True)
class Case:
    """A problem with rows, and logits that are all but right for them."""

    problem: Problem
    table: pl.DataFrame
    good: Tensor

    @property
    def targets(self) -> Tensor:
        """The targets of the rows."""
        return self.problem.targets(self.table)

    @property
    def predictions(self) -> Any:
        """Predictions that are all but right."""
        if self.problem.name == "translation":
            return TEXTS
        stats = self.problem.target_stats(self.targets, class_weights=False)
        return self.problem.predictions(self.good, stats).double()

    @property
    def oof(self) -> pl.DataFrame:
        """The predictions as out-of-fold ones."""
        return oof_table(self.problem, self.table, self.predictions)


def make_case(kind: str, contract: Make, **changes: Any) -> Case:
    """Return the case of a kind of problem; keywords change its contract."""
    made = contract(**{"problem": kind} | _CONTRACTS[kind] | changes)
    logits = torch.tensor(_GOOD[kind], dtype=torch.float32)
    return Case(get_problem(made), pl.DataFrame(_ROWS[kind]), logits)


def oof_table(problem: Problem, table: pl.DataFrame, predictions: Any) -> pl.DataFrame:
    """Return out-of-fold predictions of all rows of a table."""
    head = pl.DataFrame({"row": range(table.height)})
    head = problem.with_targets(head, table, problem.targets(table))
    return problem.with_predictions(head, predictions)
