"""What a metric is, and a family of metrics that differ by a number."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Score = Callable[[Any, Any], float]

# What a submission holds, by the kind of problem.
_HOLDS = {
    "classification": ("label", "probability", "ranking"),
    "multilabel": ("label", "probability"),
    "regression": ("value",),
    "translation": ("text",),
}


@dataclass(frozen=True)
class Metric:
    """A metric: which way is better, what a submission for it holds, and how it is computed.

    Args:
        name: as params.yaml says it.
        maximize: whether more is better.
        prediction: what a submission holds: `label`, `probability`, `value`, `ranking` or `text`.
        score: takes predictions and targets: for classification probabilities `(n, classes)` and
            class indices `(n,)`; for multi-label probabilities and zeros and ones `(n, labels)`;
            for regression values `(n, targets)` twice; for text two lists of strings.
        kaggle_names: Kaggle's names for it. Capitals, spaces, hyphens and usual abbreviations do
            not count.
        top: how many classes a ranking names.
        log_scale: whether the loss compares log1p of the values, which must be zero or more.
        absolute: whether the loss compares absolute errors, not squared ones.
        tune_threshold: whether the threshold of two classes is fitted on out-of-fold predictions.
        quantile: with `absolute`, the quantile that the loss fits (Koenker and Bassett, 1978).
        problems: the kinds of problem that it scores; by default all that such a submission is for.
        two_classes: whether classification by it is of two classes only.
        only_order: whether it only asks for an order, so that probabilities may leave [0, 1].
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
    quantile: float = 0.5
    problems: tuple[str, ...] = ()
    two_classes: bool = False
    only_order: bool = False

    def better(self, a: float, b: float) -> bool:
        """Return whether a score `a` beats `b`."""
        return a > b if self.maximize else a < b

    def fits(self, problem: str, classes: int = 0) -> bool:
        """Return whether it scores this kind of problem, of so many classes (0: not known)."""
        known = not self.problems or problem in self.problems
        many = self.two_classes and problem == "classification" and classes > 2
        return known and not many and self.prediction in _HOLDS.get(problem, ())


@dataclass(frozen=True)
class Family:
    """Metrics that differ by a number, such as `map_at_5`, `fbeta_2` and `quantile_0.9`.

    Args:
        name: what stands before the number.
        letter: what the number is called, such as K.
        example: a usual number.
        make: returns the metric of a name and a number.
        plain: matches Kaggle's names without the number, as `kaggle_names.plain` spells them.
        valid: whether there is such a metric.
    """

    name: str
    letter: str
    example: float
    make: Callable[[str, Any], Metric]
    plain: str
    valid: Callable[[float], bool]

    @property
    def example_name(self) -> str:
        """The name of a usual one."""
        return f"{self.name}_{self.example:g}"
