"""Finds metrics by name: ours, Kaggle's, and the project's own."""

import re
from collections.abc import Iterable
from functools import cache

from compete.errors import Fault
from compete.metrics import classification, kaggle_names, overlap, ranking, regression, text
from compete.metrics.metric import Family, Metric
from compete.project import author

METRICS = {
    metric.name: metric
    for module in (classification, overlap, regression, text)
    for metric in module.METRICS
}
FAMILIES = (*overlap.FAMILIES, *regression.FAMILIES, *ranking.FAMILIES)
_IN_PARAMS = "under `competition` in params.yaml"
_OWN = "write it as one function in metrics.py of the project's package, which shows how"


def find_metric(name: str) -> Metric | None:
    """Return the metric of this name, ours (`log_loss`) or Kaggle's (`Multiclass Loss`), or None.

    The project's own metrics are looked for where none of ours has the name.
    """
    return METRICS.get(name) or _read(name) or _first(name, _own_metrics())


@cache
def _read(name: str) -> Metric | None:
    """Return the metric of ours that a name means."""
    found = _first(name, METRICS.values())
    if found is None:
        numbered = (_numbered(family, name) for family in FAMILIES)
        found = next((metric for metric in numbered if metric), None)
    if found is None and (parts := kaggle_names.gloss(name)):  # `Root Mean Squared Error (RMSE)`
        found = _agreed(*parts)
    return found


def _agreed(name: str, gloss: str) -> Metric | None:
    """Return the metric that a name means as well as what follows it in parentheses."""
    one, other = _read(name), _read(gloss)
    if one is None and other and (family := _family(name)):  # `Mean Average Precision (MAP@5)`
        return other if other.name.startswith(f"{family.name}_") else None
    return one if one is other else None


def _first(name: str, metrics: Iterable[Metric]) -> Metric | None:
    listed = list(metrics)
    for text_, columnwise in kaggle_names.spellings(name):
        for metric in listed:
            # a mean over columns is what ours of probabilities and values are, not of labels
            if columnwise and metric.prediction not in ("probability", "value"):
                continue
            if text_ in map(kaggle_names.plain, (metric.name, *metric.kaggle_names)):
                return metric
    return None


def _numbered(family: Family, name: str) -> Metric | None:
    """Return the metric of a family that a name with a number means."""
    match = re.fullmatch(rf"{family.plain}(\d*\.?\d+)", kaggle_names.plain(name))
    if not match or not family.valid(float(match[1])):
        return None
    return _make(family, float(match[1]))


@cache
def _make(family: Family, number: float) -> Metric:
    whole = int(number) if number.is_integer() else number
    return family.make(f"{family.name}_{whole}", whole)


def _family(name: str) -> Family | None:
    """Return the family that a name without its number means, such as `MAP@{K}`."""
    texts = [text_ for text_, _ in kaggle_names.spellings(name)]
    found = (f for f in FAMILIES for text_ in texts if re.fullmatch(f.plain, text_))
    return next(found, None)


def refuse_own_name(name: str) -> None:
    """Raise `Fault` if the project has a metric of a name that means one of ours."""
    ours = METRICS.get(name) or _read(name)
    if ours and any(each.name == name for each in _own_metrics()):
        raise Fault(
            f"metrics.py has a metric {name!r}, which is a name of the built-in {ours.name} too.",
            f"Give the one in metrics.py another name, there and {_IN_PARAMS}.",
        )


def _own_metrics() -> tuple[Metric, ...]:
    return tuple(author("metrics", "METRICS", ()))


def get_metric(name: str) -> Metric:
    """Return the metric of this name. Raise `Fault`, with the names there are, if unknown."""
    metric = find_metric(name)
    if metric is None:
        raise unknown_metric(name)
    return metric


def fitting_metrics(problem: str | None = None, classes: int = 0) -> list[str]:
    """Return the names of the metrics that fit, the project's own too.

    Args:
        problem: the kind of problem, such as `regression`; None: any.
        classes: how many classes there are; 0: not known.

    Returns:
        Names, with an example for each family, such as `map_at_5`.
    """
    examples = [_make(family, float(family.example)) for family in FAMILIES]
    return [
        metric.name
        for metric in (*METRICS.values(), *examples, *_own_metrics())
        if problem is None or metric.fits(problem, classes)
    ]


def unknown_metric(
    name: str, problem: str | None = None, classes: int = 0, by_kaggle: bool = False
) -> Fault:
    """Return the `Fault` for an unknown metric, which suggests other names.

    Args:
        name: in params.yaml, or Kaggle's.
        problem: the kind of problem, whose metrics are listed; None: all are.
        classes: how many classes there are; 0: not known.
        by_kaggle: whether Kaggle's record has the name.
    """
    what = f"The metric {name!r}"
    if by_kaggle:
        what = f"Kaggle scores this competition by {name!r}, which"
    others = kaggle_names.alternatives(name)
    either = "".join(f"; or `metric: {other}`, if that is what it means" for other in others)
    if family := _family(name):
        return Fault(
            f"{what} does not specify its {family.letter}.",
            f"Set `metric: {family.example_name}` {_IN_PARAMS}, with the {family.letter} of the "
            f"competition's page in place of {family.example:g}{either}.",
        )
    if kaggle_names.is_weighted(name):
        return Fault(
            f"{what} does not specify its weights.",
            f"{_OWN[0].upper()}{_OWN[1:]}, and set `metric:` {_IN_PARAMS} to its name{either}.",
        )
    fitting = ", ".join(fitting_metrics(problem, classes))
    return Fault(
        f"{what} is not known here.",
        f"Set `metric:` {_IN_PARAMS} to what the competition's page describes, one of: {fitting}; "
        f"or {_OWN}.",
    )


def is_other_metric(kaggle: str, ours: str) -> bool:
    """Return whether Kaggle scores by another metric than cross-validation, by their names.

    Args:
        kaggle: Kaggle's name for its metric; where it names none (`Custom Metric`), nothing tells.
        ours: the name of the metric of cross-validation.
    """
    if kaggle_names.names_nothing(kaggle) or ours in kaggle_names.alternatives(kaggle):
        return False
    found, family = find_metric(kaggle), _family(kaggle)
    if found is None and family and re.fullmatch(rf"{family.name}_[0-9.]+", ours):
        return False
    if found is None:
        return METRICS.get(ours) is not None or _read(ours) is not None  # else the author wrote it
    return found.name != ours
