"""What must never be published, in any disguise: competition data, credentials, private paths."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import Fault
from ..files import read_yaml
from .contents import Blob, from_disk, from_git, unpacked
from .copies import Copies

ALLOWED = Path(".publish-allow.yaml")
_LARGEST = 100 * 2**20  # bytes; GitHub refuses more
_NAMES = (
    (re.compile(r"(^|/)((kaggle|credentials)\.json|access_token[^/]*)$"), "credentials"),
    (re.compile(r"(^|/)\.env(\.[^/]*)?$|\.(key|pem)$"), "credentials"),
    (re.compile(r"^(data|runs|predictions)/|^submissions/.*\.csv$"), "data"),
    (re.compile(r"\.(ckpt|h5|onnx|pt|pth|safetensors)$"), "weights"),
)
# Beside what detect-secrets knows.
_TOKENS = (
    ("a Kaggle token", re.compile(r"\bKGAT_[0-9A-Za-z]{16,}")),
    (
        "a Kaggle key",
        re.compile(r"(?i)kaggle_(?:key|api_token)\W{1,6}[0-9a-z_]{20,}|\"key\W{1,8}[0-9a-f]{32}\b"),
    ),
    ("a Hugging Face token", re.compile(r"\bhf_[0-9A-Za-z]{30,}")),
    ("a GitHub token", re.compile(r"\bgithub_pat_[0-9A-Za-z_]{30,}")),
    ("a Google key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b")),
)
_DETECTORS = (
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SlackDetector",
    "StripeDetector",
)
_REMEDIES = {
    "credentials": "Revoke it where it was made, and take it out.",
    "data": "Take it out: the rules forbid to share the competition's data.",
    "weights": "Keep it by DVC, or release it: `weights` in .publish-allow.yaml says how.",
    "home": "Write the path relative to the project, or take the output out.",
    "size": "Keep it by DVC.",
}


@dataclass(frozen=True)
class Finding:
    """Something that must not leave the machine.

    Args:
        blob: the file it is in.
        inner: its path within an archive, or nothing.
        line: where, 0 for the whole file.
        what: what it is.
        kind: which remedy helps.
    """

    blob: Blob
    inner: str
    line: int
    what: str
    kind: str

    def __str__(self) -> str:
        place = self.blob.name + self.inner + (f":{self.line}" if self.line else "")
        remedy = _REMEDIES[self.kind]
        if self.blob.commit:
            place += f" (commit {self.blob.commit[:10]})"
            remedy += " History keeps it until `git filter-repo` takes it out there, too."
        return f"{place}: {self.what}. {remedy}"


def guard(files: Iterable[Path] = ()) -> list[Finding]:
    """What is wrong with these files, or without any with all that git has, in history too.

    Raises:
        Fault: the list of reviewed exceptions can't be read, or lacks a reason.
    """
    chosen = list(files)
    reviewed, copies = _reviewed(), Copies()
    found = []
    for blob in from_disk(chosen) if chosen else from_git():
        if (blob.name, hashlib.sha256(blob.content).hexdigest()) in reviewed:
            continue
        if len(blob.content) > _LARGEST:
            found.append(Finding(blob, "", 0, "a file that GitHub refuses", "size"))
        found += [
            Finding(blob, inner, line, what, kind)
            for inner, content in unpacked(blob)
            for line, what, kind in (
                *_by_name((blob.name + inner).replace(":", "/") if inner else blob.name),
                *_by_content(content),
                *copies.whole(content),
            )
        ]
        for inner, content in unpacked(blob):
            copies.remember(blob, inner, content)
    same = {(one.blob, one.inner) for one in found if one.kind == "data" and not one.line}
    found += [
        Finding(*place, "a picture of the competition's, encoded anew or resized", "data")
        for place in copies.pictures()
        if place[:2] not in same
    ]
    found += [Finding(*copy, "rows of the competition's data", "data") for copy in copies.rows()]
    return sorted(found, key=str)


def check(files: Iterable[Path] = ()) -> None:
    """Raise a `Fault` that names every finding with its file, line and remedy."""
    found = guard(files)
    if found:
        first = found[0].blob
        sha256 = hashlib.sha256(first.content).hexdigest()
        raise Fault(
            "This must not be published:\n" + "".join(f"  {one}\n" for one in found),
            f"If you looked and it is harmless, list it under `allow:` in {ALLOWED}, such as\n"
            f"  - file: {first.name}\n    sha256: {sha256}\n    reason: WHY",
        )


def _reviewed() -> set[tuple[str, str]]:
    """The exceptions: a file as it was when somebody looked at it and said why it is harmless."""
    entries = _allowed("allow") or []
    for entry in entries:
        if not all(entry.get(key) for key in ("file", "sha256", "reason")):
            raise Fault(f"An entry of {ALLOWED} is not whole.", "Give file, sha256 and reason.")
    return {(entry["file"], entry["sha256"]) for entry in entries}


def _allowed(section: str) -> Any:
    return read_yaml(ALLOWED).get(section) if ALLOWED.exists() else None


def weights() -> dict[str, str]:
    """`license` and `reason` of the trained weights, if somebody said that they may be shared.

    Raises:
        Fault: one of the two is missing.
    """
    entry = _allowed("weights") or {}
    if entry and not all(entry.get(key) for key in ("license", "reason")):
        raise Fault(f"`weights` in {ALLOWED} is not whole.", "Give license and reason.")
    return {key: str(value) for key, value in entry.items()}


def _by_name(name: str) -> Iterator[tuple[int, str, str]]:
    for pattern, kind in _NAMES:
        if pattern.search(name):
            yield 0, f"a file whose name says {kind}", kind
            return


def _by_content(content: bytes) -> Iterator[tuple[int, str, str]]:
    """Tokens, keys and paths of the author's home, with their lines."""
    if b"\0" in content[:8192]:
        return
    text = content.decode("utf-8", errors="replace")
    home = str(Path.home())
    homes = {home, home.replace("\\", "\\\\"), Path(home).as_posix()} if len(home) > 3 else set()
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in _TOKENS:
            if pattern.search(line):
                yield number, what, "credentials"
        for detector in _detectors():
            if any(True for _ in detector.analyze_string(line)):
                yield number, f"a secret ({detector.secret_type})", "credentials"
        if any(f"{place}/" in line or f"{place}\\" in line for place in homes):
            yield number, "a path of your home", "home"


@cache
def _detectors() -> list[Any]:
    from detect_secrets.core.plugins import initialize

    return [initialize.from_plugin_classname(name) for name in _DETECTORS]
