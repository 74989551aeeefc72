"""The classes of a metric, and of a family of metrics that differ by a number."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Score = Callable[[Any, Any], float]

# The contents of a submission, by the kind of problem.
_HOLDS = {
    "classification": ("label", "probability", "ranking"),
    "multilabel": ("label", "probability"),
    "regression": ("value",),
    "translation": ("text",),
}


@dataclass(frozen=True)
class Metric:
    """A metric.

    Args:
        name: its name in params.yaml.
        maximize: whether higher is better.
        prediction: the contents of a submission: `label`, `probability`, `value`, `ranking` or
            `text`.
        score: a function of predictions and targets: for classification, probabilities
            `(n, classes)` and class indices `(n,)`; for multi-label classification, probabilities
            and zeros and ones, both `(n, labels)`; for regression, two tensors of values
            `(n, targets)`; for text, two lists of strings.
        kaggle_names: Kaggle's names for it, regardless of case, spaces, hyphens and common
            abbreviations.
        top: the number of classes in a ranking.
        log_scale: whether the loss compares log1p of the values, which must be zero or more.
        absolute: whether the loss compares absolute errors instead of squared errors.
        tune_threshold: whether the binary threshold is fitted on out-of-fold predictions.
        ordered: whether classes have an order, and mistakes count more the further off they are.
        quantile: with `absolute`, the quantile that the loss fits (Koenker and Bassett, 1978).
        problems: the kinds of problem that it can score; by default all with such a submission.
        two_classes: whether it is for binary classification only.
        only_order: whether only the order matters, so that probabilities may be outside [0, 1].
    """

    name: str
    maximize: bool
    prediction: str
    score: Score = field(repr=False)
    kaggle_names: tuple[str, ...] = ()
    top: int = 1
    log_scale: bool = False
    absolute: bool = False
    tune_threshold: bool = False
    ordered: bool = False
    quantile: float = 0.5
    problems: tuple[str, ...] = ()
    two_classes: bool = False
    only_order: bool = False

    def better(self, a: float, b: float) -> bool:
        """Return whether a score `a` is better than `b`."""
        return a > b if self.maximize else a < b

    def fits(self, problem: str, classes: int = 0) -> bool:
        """Return whether it can score a problem with a number of classes (0: unknown)."""
        known = not self.problems or problem in self.problems
        many = self.two_classes and problem == "classification" and classes > 2
        return known and not many and self.prediction in _HOLDS.get(problem, ())


@dataclass(frozen=True)
class Family:
    """Metrics that differ by a number, such as `map_at_5`, `fbeta_2` and `quantile_0.9`.

    Args:
        name: the part of the name before the number.
        letter: the name of the number, such as K.
        example: a typical number.
        make: returns the metric with a name and a number.
        plain: regular expression for Kaggle's names without the number, as spelled by
            `kaggle_names.plain`.
        valid: returns whether a number is valid.
    """

    name: str
    letter: str
    example: float
    make: Callable[[str, Any], Metric]
    plain: str
    valid: Callable[[float], bool]

    @property
    def example_name(self) -> str:
        """The name of a typical metric of the family."""
        return f"{self.name}_{self.example:g}"
