"""Steps that are done once, and GitHub's command `gh`, by which most of them are done."""

import json
import shutil
import subprocess
from collections.abc import Callable
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
    if not works("auth", "status"):
        raise Fault("gh is not signed in to GitHub.", "Run `gh auth login`.")


def gh(*words: str) -> str:
    """What gh answers. Raises `Fault` with its words if it fails."""
    done = _run(*words)
    if done.returncode:
        said = " ".join(done.stderr.split())
        raise Fault(f"`gh {' '.join(words[:2])}` failed: {said}.", AGAIN)
    return done.stdout


def works(*words: str) -> bool:
    """Whether gh does this without complaint."""
    return _run(*words).returncode == 0


def seen(*words: str) -> dict[str, Any]:
    """The JSON object that gh answers, nothing if what it is asked for is not there."""
    done = _run(*words)
    found: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
    return found


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("gh") or "gh"
    return subprocess.run([program, *words], capture_output=True, encoding="utf-8")
