"""Which of two classes is the positive one, whose probability a submission asks for."""

import re
from typing import Any

import yaml

from compete.contract import Competition
from compete.errors import Fault
from compete.files import PARAMS
from compete.metrics import Metric

_YES = {
    *[
        "yes",
        "y",
        "true",
        "t",
        "1",
        "positive",
        "pos",
        "approved",
        "accepted",
        "pass",
        "passed",
        "success",
        "successful",
        "won",
        "win",
    ],
    *[
        "present",
        "fraud",
        "spam",
        "malignant",
        "abnormal",
        "sick",
        "diseased",
        "disease",
        "defaulted",
        "churned",
    ],
    *["clicked", "bought", "purchased", "survived", "attack", "malicious", "toxic"],
}
_NO = {
    *[
        "no",
        "n",
        "false",
        "f",
        "0",
        "negative",
        "neg",
        "rejected",
        "denied",
        "declined",
        "fail",
        "failed",
        "failure",
        "lost",
        "lose",
    ],
    *[
        "unsuccessful",
        "loss",
        "absent",
        "none",
        "normal",
        "ham",
        "legitimate",
        "benign",
        "healthy",
        "retained",
    ],
}


def order_of_two(
    classes: list[Any], asked: Competition, column: str, metric: Metric, page: str = ""
) -> tuple[list[Any], str]:
    """Return two classes, the positive one last, and what says so.

    It is what params.yaml names, the class that the submission's column is named after, or the one
    whose probability Kaggle's page asks for; of numbers the greater, of true and false the true
    one, of words those that usually mean yes or no.

    Args:
        classes: both.
        asked: what params.yaml says.
        column: of the submission.
        metric: whether it asks for the positive class.
        page: Kaggle's page on how submissions are scored.

    Raises:
        Fault: nothing tells, and the metric asks for it.
    """
    if asked.positive_class is not None:
        found = [one for one in classes if str(one) == str(asked.positive_class)]
        if not found:
            raise Fault(
                f"`positive_class: {asked.positive_class}` under `competition` in {PARAMS} is no "
                f"class.",
                f"Set it to one of {classes}.",
            )
        return sorted(classes, key=lambda one: one == found[0]), str(PARAMS)
    if not all(isinstance(one, str) for one in classes):
        return classes, "the greater one"
    words = ["".join(letter for letter in one.lower() if letter.isalnum()) for one in classes]
    name = column.lower()
    hits = [len(word) > 2 and (name == word or name.endswith(f"_{word}")) for word in words]
    if sum(hits) == 1:
        return sorted(
            classes, key=lambda one: one == classes[hits.index(True)]
        ), f"the column {column!r}"
    asked_for = [any(word in said for said in _of_probability(page)) for word in words]
    if sum(asked_for) == 1:
        chosen = classes[asked_for.index(True)]
        return sorted(classes, key=lambda one: one == chosen), "Kaggle's page asks for it"
    meant = [(word in _YES) - (word in _NO or _negates(word, words)) for word in words]
    if meant[0] != meant[1]:
        return sorted(classes, key=lambda one: meant[classes.index(one)]), "a common name for it"
    if metric.prediction == "probability" or metric.two_classes:
        raise Fault(
            f"{metric.name} asks for one of the classes {classes[0]!r} and {classes[1]!r}, and "
            "nothing says which.",
            f"Add `positive_class: {_in_yaml(classes[1])}` or `positive_class: "
            f"{_in_yaml(classes[0])}` under `competition` in {PARAMS}.",
        )
    return classes, "the last in the alphabet; the metric does not ask"


def _of_probability(page: str) -> list[set[str]]:
    """Return the words of each sentence of a page that speaks of a probability."""
    sentences = re.split(r"[.!?]\s|\n", page.lower())
    return [set(re.findall(r"\w+", one)) for one in sentences if re.search(r"probab|likel", one)]


def _in_yaml(word: str) -> str:
    """Return a word as YAML needs it, which takes `>50K` for a sign and `yes` for a truth value."""
    return yaml.safe_dump([word], default_flow_style=True, width=1000).strip()[1:-1]


def _negates(word: str, words: list[str]) -> bool:
    """Return whether a word is the other one with a negation, as `insincere` or `not paid`."""
    return any(
        word == f"{no}{other}" for other in words for no in ("not", "no", "non", "un", "in", "il")
    )
