"""Pickles, which are read and never executed: `pickle.load` would run whatever is in them."""

import pickletools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compete.portfolio.extraction.parts import Budget, Part, scalars
from compete.portfolio.extraction.tables import array_of, read_arrays
from compete.portfolio.extraction.texts import read_values

_MARK = object()
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_IGNORED = ("PROTO", "FRAME", "STOP", "READONLY_BUFFER")


@dataclass(eq=False)
class _Call:
    """What a pickle would make by calling something.

    Args:
        what: module and name of what would be called.
        args: its arguments.
        state: what it would be told after that.
    """

    what: str
    args: Any
    state: list[Any] = field(default_factory=list)


def read_pickle(content: bytes, _: Budget) -> Iterator[Part]:
    """Yield the values in a pickle: lists, mappings, attributes, and NumPy arrays."""
    values, calls = _interpret(content)
    parts = [*values, *(part for call in calls for part in (call.args, *call.state))]
    yield from read_values(parts)
    arrays = [array for call in calls if (array := _array(call)) is not None]
    yield from read_arrays(arrays)


def _interpret(content: bytes) -> tuple[list[Any], list[_Call]]:
    """Return what is on a pickle's stack at its end, and all calls that it would make.

    What the pickle refers to twice is here once, so that nothing grows and nothing contains itself.
    """
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    calls: list[_Call] = []

    def call(what: Any, args: Any) -> None:
        calls.append(_Call(str(what), args))
        stack.append(calls[-1])

    def to_mark() -> list[Any]:
        start = len(stack) - 1 - stack[::-1].index(_MARK)
        found = stack[start + 1 :]
        del stack[start:]
        return found

    argument: Any
    for opcode, argument, _ in pickletools.genops(content):
        match opcode.name:
            case name if name in _CONSTANTS:
                stack.append(_CONSTANTS[name])
            case name if name in _IGNORED:
                pass
            case "MARK":
                stack.append(_MARK)
            case "POP":
                stack.pop()
            case "POP_MARK":
                to_mark()
            case "DUP":
                stack.append(_shared(stack[-1]))
            case "EMPTY_LIST" | "EMPTY_TUPLE" | "EMPTY_SET":
                stack.append([])
            case "EMPTY_DICT":
                stack.append({})
            case "LIST" | "TUPLE" | "FROZENSET":
                stack.append(to_mark())
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                size = int(opcode.name[-1])
                stack[-size:] = [stack[-size:]]
            case "DICT":
                stack.append(_set({}, to_mark()))
            case "APPEND":
                _extend(stack, [stack.pop()])
            case "APPENDS" | "ADDITEMS":
                _extend(stack, to_mark())
            case "SETITEM":
                items = [stack.pop(), stack.pop()]
                _set(stack[-1], items[::-1])
            case "SETITEMS":
                _set_on(stack, to_mark())
            case "GLOBAL":
                stack.append(argument)
            case "STACK_GLOBAL":
                stack[-2:] = [f"{stack[-2]} {stack[-1]}"]
            case "REDUCE" | "NEWOBJ":
                args = stack.pop()
                call(stack.pop(), args)
            case "NEWOBJ_EX":
                named, args = stack.pop(), stack.pop()
                call(stack.pop(), [args, named])
            case "OBJ":
                what, *args = to_mark()
                call(what, args)
            case "INST":
                call(argument, to_mark())
            case "BUILD":
                state = stack.pop()
                if isinstance(stack[-1], _Call):
                    stack[-1].state.append(state)
            case "MEMOIZE":
                memo[len(memo)] = stack[-1]
            case "PUT" | "BINPUT" | "LONG_BINPUT":
                memo[argument] = stack[-1]
            case "GET" | "BINGET" | "LONG_BINGET":
                stack.append(_shared(memo.get(argument)))
            case "PERSID" | "BINPERSID" | "EXT1" | "EXT2" | "EXT4" | "NEXT_BUFFER":
                if opcode.name == "BINPERSID":
                    stack.pop()
                stack.append(None)
            case _:
                stack.append(bytes(argument) if isinstance(argument, bytearray) else argument)
    return [one for one in stack if one is not _MARK], calls


def _shared(value: Any) -> Any:
    return None if isinstance(value, list | dict) else value


def _extend(stack: list[Any], values: list[Any]) -> None:
    """Append to the list on the stack; a subclass of list is a call, and keeps them as state."""
    target = stack[-1]
    if isinstance(target, list):
        target += values
    elif isinstance(target, _Call):
        target.state.append(values)


def _set_on(stack: list[Any], items: list[Any]) -> None:
    target = stack[-1]
    if isinstance(target, dict):
        _set(target, items)
    elif isinstance(target, _Call):
        target.state.append(_set({}, items))


def _set(target: Any, items: list[Any]) -> Any:
    if isinstance(target, dict):
        for key, value in zip(items[::2], items[1::2], strict=False):
            try:
                target[key] = value
            except TypeError:  # a key that is a list here, a tuple in the pickle
                target[len(target), "key"] = [key, value]
    return target


def _array(call: _Call) -> NDArray[Any] | list[Any] | None:
    """Return the NumPy array that a call would make, a list of what an array of objects has."""
    with suppress(ValueError, TypeError, AttributeError, IndexError, OverflowError):
        if call.what.endswith(" _reconstruct"):  # then its state: version, shape, type, order
            _, shape, kind, is_fortran, values = call.state[0]
            if isinstance(values, bytes):
                return array_of(values, shape, _dtype(kind), is_fortran)
            if len(shape) == 1:
                return list(values)
            objects = np.array(list(scalars(values)), dtype=object)
            return objects.reshape(tuple(shape), order="F" if is_fortran else "C")
        if call.what.endswith(" _frombuffer"):
            values, kind, shape, order = call.args
            return array_of(values, shape, _dtype(kind), order == "F")
    return None


def _dtype(call: _Call) -> np.dtype[Any]:
    """Return the type of an array, from the call that would make it."""
    code = np.dtype(str(call.args[0]))
    return code.newbyteorder(">") if call.state and call.state[0][1] == ">" else code
