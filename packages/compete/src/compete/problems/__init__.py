"""The kinds of supervised problem, one class each."""

from compete.contract import Contract
from compete.errors import Fault
from compete.problems.base import Problem
from compete.problems.classification import Classification
from compete.problems.multilabel import MultiLabel
from compete.problems.regression import Regression
from compete.problems.text import TextOutput

PROBLEMS: dict[str, type[Problem]] = {
    kind.name: kind for kind in (Classification, MultiLabel, Regression, TextOutput)
}


def get_problem(contract: Contract) -> Problem:
    """Return the kind of problem that the contract names. Raise `Fault` for an unknown one."""
    if contract.problem not in PROBLEMS:
        raise Fault(
            f"The contract names an unknown kind of problem: {contract.problem!r}.",
            "Run `compete prepare` again.",
        )
    return PROBLEMS[contract.problem](contract)


__all__ = [
    "PROBLEMS",
    "Classification",
    "MultiLabel",
    "Problem",
    "Regression",
    "TextOutput",
    "get_problem",
]
