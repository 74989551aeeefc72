"""The baseline of a score: the best prediction that uses no input."""

import math
from typing import TYPE_CHECKING, Any

import polars as pl

from compete.problems.base import Problem

if TYPE_CHECKING:
    from torch import Tensor

_CANDIDATES = 20  # classes, the most frequent, of which the best constant is one


def baseline(
    problem: Problem, oof: pl.DataFrame, train: pl.DataFrame | None
) -> tuple[str, float] | None:
    """Return a simple prediction of the rows in words, and its score; None where there is none.

    Args:
        problem: the kind of problem.
        oof: out-of-fold predictions with targets.
        train: all training rows, in their order.
    """
    targets, scoring = problem.targets_of(oof), problem.contract.scoring
    found: tuple[str, Any] | None
    if problem.name == "translation":
        found = _copied_source(problem, oof, train)
    elif problem.name == "regression":
        found = _typical_value(problem, targets)
    elif problem.name == "multilabel":
        shares = targets.double().mean(dim=0)
        found = "the share of each label", shares.expand(len(targets), -1)
    else:
        found = _class_shares(problem, targets)
    if found is None:
        return None
    name: str = found[0]
    predictions: Any = found[1]
    score = scoring.score(predictions, targets)
    if not isinstance(targets, list):
        reverse = scoring.score(predictions.flip(0), targets.flip(0))
        if not math.isclose(score, reverse, rel_tol=1e-4, abs_tol=1e-6):
            return None  # the metric breaks ties by the order of the rows
    return name, score


def _class_shares(problem: Problem, targets: "Tensor") -> tuple[str, "Tensor"]:
    """Return the share of each class, or, where a class is asked for, the class that scores best.

    For accuracy that is the most frequent class; for F1 it is the positive one.
    """
    import torch

    counts = torch.bincount(targets, minlength=problem.outputs)
    scoring, shares = problem.contract.scoring, counts.double() / len(targets)
    if scoring.only_order:
        return "any constant", shares.expand(len(targets), -1)
    if problem.contract.prediction != "label":
        return "the share of each class", shares.expand(len(targets), -1)

    classes = torch.eye(problem.outputs, dtype=torch.double)

    def always(number: int) -> "Tensor":
        return classes[number].expand(len(targets), -1)

    def worth(number: int) -> float:
        score = scoring.score(always(number), targets)
        return score if scoring.maximize else -score

    frequent = counts.argsort(descending=True, stable=True)[:_CANDIDATES].tolist()
    best = max(frequent, key=worth)
    return f"always {problem.output_names[best]}", always(best)


def _typical_value(problem: Problem, targets: "Tensor") -> tuple[str, "Tensor"]:
    """Return the value that the metric's loss likes best: the mean, the median or a quantile."""
    scoring = problem.contract.scoring
    values = problem.transform(targets.double())
    if scoring.absolute:
        typical = values.quantile(scoring.quantile, dim=0)
        name = "the median" if scoring.quantile == 0.5 else f"the {scoring.quantile:g} quantile"
    else:
        typical, name = values.mean(dim=0), "the mean"
    typical = typical.expm1() if scoring.log_scale else typical
    name += " of the logarithms" if scoring.log_scale else ""
    return f"always {name}", typical.expand(len(targets), -1)


def _copied_source(
    problem: Problem, oof: pl.DataFrame, train: pl.DataFrame | None
) -> tuple[str, list[str]] | None:
    """Return the text to translate as its own translation."""
    kinds = problem.contract.features.items()
    source = next((name for name, feature in kinds if feature.kind == "source"), None)
    if train is None or source not in train.columns:
        return None
    texts = train[source][oof["row"].to_list()].cast(pl.String).fill_null("")
    return "the source text, not translated", texts.to_list()
