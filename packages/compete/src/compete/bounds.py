"""Numbers with bounds, as types: for the keys of params.yaml, which jsonargparse checks by them.

An author's keys may use them too: `width: PositiveInt = 128`.
"""

import re
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BeforeValidator, TypeAdapter, ValidationError


def _refuse_bool(value: Any) -> Any:
    """Return any value but yes and no, which Python takes for 1 and 0."""
    if isinstance(value, bool):
        raise ValueError("Input should be a number")
    return value


_IS_NUMBER = BeforeValidator(_refuse_bool)

PositiveInt = Annotated[int, _IS_NUMBER, Gt(0)]
NonNegativeInt = Annotated[int, _IS_NUMBER, Ge(0)]
TwoOrMore = Annotated[int, _IS_NUMBER, Ge(2)]
PositiveFloat = Annotated[float, _IS_NUMBER, Gt(0), Lt(float("inf"))]
NonNegativeFloat = Annotated[float, _IS_NUMBER, Ge(0), Lt(float("inf"))]
Fraction = Annotated[float, _IS_NUMBER, Ge(0), Le(1)]
FractionBelowOne = Annotated[float, _IS_NUMBER, Ge(0), Lt(1)]  # a dropout, a decay
PositiveFraction = Annotated[float, _IS_NUMBER, Gt(0), Le(1)]
Seed = Annotated[int, _IS_NUMBER, Ge(0), Lt(2**31)]  # NumPy takes 32 bits, and folds add to it

# What jsonargparse and pydantic say besides what is wrong.
_NOISE = re.compile(
    r"\d+ validation errors? for .*|\[type=.*?input_type=\w+\]|"
    r"For further information visit \S+?(?=\. |$)|Does not validate against .*|Subtypes: .*|"
    r"Errors:|Given value type: .*|<class '|'>|typing\.|^- ",
    re.MULTILINE,
)


def problem_with(number: float, kind: Any) -> str:
    """Return what is wrong with a number, nothing if it is one of this kind.

    Args:
        number: the value of a key.
        kind: one of the types above.
    """
    try:
        TypeAdapter(kind).validate_python(number)
    except ValidationError as error:
        return f"{error.errors()[0]['msg']}, and is {number}"
    return ""


def in_one_line(message: str) -> str:
    """Return what jsonargparse says of a wrong key without what only its developers need."""
    lines = (" ".join(_NOISE.sub("", line.strip()).split()) for line in message.splitlines())
    told = "; ".join(line.strip(" .") for line in lines if line.strip(" ."))
    if given := re.search(r"Given value: (.*)$", told):  # jsonargparse takes it out of bounds too
        told = re.sub(r"(than|equal to)(?=;)", lambda found: f"{found[1]} {given[1]}", told)
    return told.replace(":; ", ": ").replace(" . ", ". ")[:400]
