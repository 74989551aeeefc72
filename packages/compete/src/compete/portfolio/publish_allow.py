"""What the author allows to publish: `.publish-allow.yaml`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compete.errors import Fault
from compete.files import read_yaml

ALLOWED = Path(".publish-allow.yaml")


@dataclass(frozen=True)
class WeightsLicense:
    """The licence of the trained weights, and the reason why they may be shared."""

    license: str
    reason: str


def weights_license() -> WeightsLicense | None:
    """Return how the trained weights may be shared, None if the author has not allowed it.

    Raises:
        Fault: the licence or the reason is missing.
    """
    entry = _section("weights")
    if not entry:
        return None
    if not all(entry.get(key) for key in ("license", "reason")):
        raise Fault(f"`weights` in {ALLOWED} is incomplete.", "Give license and reason.")
    return WeightsLicense(str(entry["license"]), str(entry["reason"]))


def reviewed_files() -> set[tuple[str, str]]:
    """Return name and SHA-256 of each file that the author has reviewed and found harmless.

    Raises:
        Fault: an entry lacks a reason, or does not name a file.
    """
    entries = _section("allow") or []
    for entry in entries:
        if not all(entry.get(key) for key in ("file", "sha256", "reason")):
            raise Fault(f"An entry of {ALLOWED} is incomplete.", "Give file, sha256 and reason.")
    return {(entry["file"], entry["sha256"]) for entry in entries}


def _section(name: str) -> Any:
    return read_yaml(ALLOWED).get(name) if ALLOWED.exists() else None
