"""Calls GitHub through its command `gh`, in steps that are each done once."""

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from compete.errors import Fault

RETRY = "Run the same command again: it continues from there."
SECONDS = 100.0  # for what gh does, but for uploads


@dataclass(frozen=True)
class Step:
    """Something to be done once.

    Args:
        what: what it does, in words.
        is_done: returns whether it is done already.
        run: does it.
    """

    what: str
    is_done: Callable[[], bool]
    run: Callable[[], object]


def require_gh() -> None:
    """Raise `Fault` if gh is missing, or not signed in."""
    if not shutil.which("gh"):
        raise Fault(
            "GitHub's command gh is missing.",
            "Install it from https://cli.github.com, or push elsewhere: --remote ADDRESS.",
        )
    if _run("auth", "status").returncode:
        raise Fault("gh is not signed in to GitHub.", "Run `gh auth login`.")


def gh(*words: str) -> str:
    """Run gh and return its output. Raise `Fault` with its error message if it fails."""
    return _output(_run(*words), words)


def get(path: str) -> dict[str, Any]:
    """Return what GitHub's API has at a path, nothing if there is nothing.

    This asks the API, since the fields of `gh repo view` differ between versions of gh.

    Raises:
        Fault: GitHub can't be asked.
    """
    words = ("api", path)
    done = _run(*words)
    if done.returncode and "HTTP 404" in done.stderr:
        return {}
    found: dict[str, Any] = json.loads(_output(done, words))
    return found


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("gh") or "gh"  # on Windows it may be gh.cmd, which needs its full name
    seconds = None if words[:2] == ("release", "upload") else SECONDS
    try:
        return subprocess.run(
            [program, *words], capture_output=True, encoding="utf-8", timeout=seconds
        )
    except subprocess.TimeoutExpired:
        what = f"`gh {' '.join(words[:2])}` did not end within {SECONDS:g} seconds."
        raise Fault(what, f"Check the connection. {RETRY}") from None


def _output(done: subprocess.CompletedProcess[str], words: Sequence[str]) -> str:
    if done.returncode:
        message = " ".join(done.stderr.split())
        raise Fault(f"`gh {' '.join(words[:2])}` failed: {message}.", RETRY)
    return done.stdout
