"""Makes dataclasses of what JSON and YAML hold, each value checked by its type hint."""

from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

T = TypeVar("T")


def make_typed(kind: type[T], values: Any) -> T:
    """Return a dataclass, and those within it, of a mapping; keys that it does not have are left.

    Args:
        kind: the dataclass.
        values: of its fields, as JSON or YAML holds them.

    Raises:
        ValueError: a value is missing or has another type; says which one, in one line.
    """
    from pydantic import ValidationError  # takes a tenth of a second

    try:
        made: T = _adapter(cast(Hashable, kind)).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "all of it"
        raise ValueError(f"{place}: {first['msg']}"[:200]) from None
    return made


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
