"""Steps that are done once, and GitHub's command `gh`, by which most of them are done."""

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Fault

AGAIN = "Run the same command again: it goes on from there."


@dataclass(frozen=True)
class Step:
    """Something to be done once: what, whether it is done, and how."""

    what: str
    done: Callable[[], bool]
    do: Callable[[], object]


def require_gh() -> None:
    """Raise a `Fault` where gh is missing, or not signed in."""
    if not shutil.which("gh"):
        raise Fault(
            "GitHub's command gh is missing.",
            "Install it from https://cli.github.com, or push elsewhere: --remote ADDRESS.",
        )
    if _run("auth", "status").returncode:
        raise Fault("gh is not signed in to GitHub.", "Run `gh auth login`.")


def gh(*words: str) -> str:
    """What gh answers. Raises `Fault` with its words if it fails."""
    return _answer(_run(*words), words)


def seen(path: str) -> dict[str, Any]:
    """What GitHub's API has under this path, nothing if it is not there.

    By the API and not by `gh repo view`, whose fields differ from one version of gh to the next.
    """
    words = ("api", path)
    done = _run(*words)
    if done.returncode and "HTTP 404" in done.stderr:
        return {}
    found: dict[str, Any] = json.loads(_answer(done, words))
    return found


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("gh") or "gh"
    return subprocess.run([program, *words], capture_output=True, encoding="utf-8")


def _answer(done: subprocess.CompletedProcess[str], words: Sequence[str]) -> str:
    if done.returncode:
        said = " ".join(done.stderr.split())
        raise Fault(f"`gh {' '.join(words[:2])}` failed: {said}.", AGAIN)
    return done.stdout
