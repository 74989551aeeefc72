"""Says in one sentence why an agent failed in a match."""

import re

from compete.tasks.simulation.kaggle_image import is_on_kaggle
from compete.tasks.simulation.match import Match

_MISSING = re.compile(r"No module named '(\w+)")
# What Kaggle's runner and `AgentProcess` add to the agent's own traceback.
_TRACEBACK = "Traceback (most recent call last):"
_RAISED = "RuntimeError: the agent raised an exception"
_ADDED = re.compile(r"^[\w.]*InvalidArgument: Invalid raw Python: ")
_SILENT = "The agent returned None"
_DIED = re.compile(r"the agent's process died with exit code (-?\d+)")


def explain_failure(match: Match, seat: int, allowed: tuple[float, float]) -> str:
    """Return what went wrong, empty if nothing did.

    Args:
        match: that was played.
        seat: the agent's.
        allowed: seconds for each move, and those that may be used beyond in all.
    """
    status, stderr, seconds = match.statuses[seat], match.stderr[seat], match.seconds[seat]
    where = f"in its move {len(seconds)} from seat {seat + 1}"
    if _SILENT in stderr:
        return f"it returns nothing (None) for an action {where}"
    if status == "TIMEOUT":
        took = seconds[-1] if seconds else 0.0
        return (
            f"it hangs or is too slow: {took:.1f} s {where}, where {allowed[0]:g} s for each move "
            f"and {allowed[1]:g} s more for the whole game are allowed"
        )
    if status == "INVALID":
        return f"it acts illegally {where}: {_action(match, seat)}"
    if status == "ERROR":
        return f"it crashes {where}: {_reason(stderr)}"
    return ""


def _action(match: Match, seat: int) -> str:
    told = re.search(r"The agent returned an? \w+; return what JSON holds", match.stderr[seat])
    if told:
        return told[0]
    action = match.official.steps[-1][seat]["action"]
    return "no such action" if action is None else repr(action)


def own_stderr(stderr: str) -> str:
    """Return what an agent wrote, without the traceback of the runner that follows its own."""
    text = stderr.strip()
    if text.endswith(_RAISED):
        return text[: text.rindex(_TRACEBACK)].strip()
    return text


def _reason(stderr: str) -> str:
    if died := _DIED.search(stderr):
        return f"its process ends with exit code {died[1]}"
    lines = [line for line in own_stderr(stderr).splitlines() if line and not line[0].isspace()]
    if not lines:
        return "no reason is given"
    reason = _ADDED.sub("", lines[-1])
    if missing := _MISSING.search(reason):
        name = missing[1]
        known = "is not installed here" if is_on_kaggle(name) else "Kaggle's image lacks"
        return f"it imports {name}, which {known}"
    if reason == "IndexError('list index out of range')":
        return "main.py defines no function that Kaggle could call"
    return reason
