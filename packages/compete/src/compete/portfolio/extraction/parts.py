"""The parts that files are taken apart into, and how much may come out of one file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np


class File(NamedTuple):
    """A file, or one inside a file.

    Args:
        place: where inside, such as `:folder/name` in an archive; empty for the file itself.
        content: its bytes.
    """

    place: str
    content: bytes


class Text(NamedTuple):
    """Text that a reader can see or extract; a row of a table is one line.

    Args:
        place: where inside.
        text: the lines.
        has_lines: its lines are those of the file, so that their numbers tell where something is.
    """

    place: str
    text: str
    has_lines: bool = False


class Unread(NamedTuple):
    """What was not looked into, and why."""

    place: str
    reason: str


Part = File | Text | Unread


class UnreadableError(Exception):
    """A file can't be looked into; its words say why."""


@dataclass
class Budget:
    """What may still come out of one file, whatever is nested in it.

    Args:
        size: bytes.
        files: how many files.
    """

    size: int = 512 * 2**20
    files: int = 20_000

    def take(self, size: int) -> bool:
        """Count a file of so many bytes; return False if that is too much."""
        if size > self.size or not self.files:
            return False
        self.size -= size
        self.files -= 1
        return True


TOO_MUCH = "more than 512 MiB or 20,000 files come out of it"


def placed(place: str, parts: Iterable[Part]) -> Iterator[Part]:
    """Yield the parts of something that is at `place`."""
    for part in parts:
        yield part._replace(place=place + part.place)


def scalars(value: Any) -> Iterator[Any]:
    """Yield what is in nested lists, mappings and arrays, in order."""
    stack = [iter((value,))]
    while stack:
        for one in stack[-1]:
            if isinstance(one, dict):
                stack.append(iter(one.values()))
            elif isinstance(one, list | tuple | set | frozenset):
                stack.append(iter(one))
            elif isinstance(one, np.ndarray):
                stack.append(iter(one.ravel().tolist()))
            else:
                yield one
                continue
            break
        else:
            stack.pop()


def line(values: Any) -> str:
    """Return a row of a table as one line of text, without the bytes that are in it."""
    words = (str(one) for one in scalars(values) if not isinstance(one, bytes))
    return " ".join(words).replace("\n", " ").replace("\r", " ")
