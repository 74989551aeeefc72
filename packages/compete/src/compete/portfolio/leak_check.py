"""`compete guard`: finds what must not be published, in whatever form it is.

That is the competition's data, credentials, weights, paths of the author's home and huge files.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from compete.errors import Fault
from compete.files import note
from compete.portfolio.data_leaks import DataLeaks, Place
from compete.portfolio.extraction import File, Text, Unread, extract
from compete.portfolio.git_blobs import Blob, from_disk, from_git
from compete.portfolio.publish_allow import ALLOWED, reviewed_files, weights_license

_MAX_SIZE = 100 * 2**20  # bytes; GitHub refuses more
_SHOWN = 10  # of what was not looked into
_NAMES = (
    (re.compile(r"(^|/)((kaggle|credentials)\.json|access_token[^/]*)$"), "credentials"),
    (re.compile(r"(^|/)\.env(\.[^/]*)?$|\.(key|pem)$"), "credentials"),
    (re.compile(r"^(data|runs|predictions|kernel/dataset)/|^submissions/.*\.csv$"), "data"),
    (re.compile(r"\.(ckpt|h5|onnx|pt|pth|safetensors)$"), "weights"),
)
_DEMO = re.compile(r"^reports/demo/parts/model-.+-0\.js$")  # the first part of each model
# In addition to what detect-secrets knows.
_TOKENS = (
    ("a Kaggle token", re.compile(r"\bKGAT_[0-9A-Za-z]{16,}")),
    (
        "a Kaggle key",
        re.compile(
            r"(?i)kaggle_(?:key|api_token)\W{1,12}[0-9a-z_]{20,}|[\"']key\W{1,8}[0-9a-f]{32}\b"
        ),
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
    "credentials": "Revoke it at the service that issued it, and remove it.",
    "data": "Remove it: the rules forbid sharing the competition's data.",
    "weights": "Track it with DVC, or release it: see `weights` in .publish-allow.yaml.",
    "demo": f"Allow sharing them under `weights` in {ALLOWED}, or delete reports/demo.",
    "home": "Make the path relative to the project, or remove the output.",
    "size": "Track it with DVC.",
}


@dataclass(frozen=True)
class Finding:
    """Something that must not be published.

    Args:
        place: where it is.
        what: what it is.
        kind: which of the remedies helps.
    """

    place: Place
    what: str
    kind: str

    def __str__(self) -> str:
        blob, inner, line = self.place
        where = blob.name + inner + (f":{line}" if line else "")
        remedy = _REMEDIES[self.kind]
        if blob.commit:
            where += f" (commit {blob.commit[:10]})"
            remedy += " It stays in the history until you remove it with `git filter-repo`."
        return f"{where}: {self.what}. {remedy}"


@dataclass
class Inspection:
    """What was found in files, and what was looked at.

    Args:
        findings: what must not be published, in the order of the files.
        blobs: how many versions of files were looked into.
        compared: with what of the data, in words; empty without data.
        unread: what was not looked into, in words.
    """

    findings: list[Finding]
    blobs: int
    compared: str
    unread: list[str]

    def __str__(self) -> str:
        text = f"Checked {self.blobs} {'file' if self.blobs == 1 else 'files'}, "
        text += "compared with " + (self.compared or "no data: there is none in data/raw")
        if self.unread:
            shown = "; ".join(self.unread[:_SHOWN])
            more = f"; and {len(self.unread) - _SHOWN} more" if self.unread[_SHOWN:] else ""
            text += f". Not checked: {shown}{more}"
        return text + "."


def check(files: Iterable[Path] = ()) -> None:
    """Raise `Fault` for anything that must not be published, and print what was checked.

    Args:
        files: what to look at; without any, all that git has, in history too.

    Raises:
        Fault: it names every finding with its file, line and remedy.
    """
    inspection = inspect(files)
    note(str(inspection))
    if found := inspection.findings:
        first = found[0].place.blob
        sha256 = hashlib.sha256(first.content).hexdigest()
        raise Fault(
            "These must not be published:\n" + "".join(f"  {finding}\n" for finding in found),
            f"If you have reviewed a file and it is harmless, list it under `allow:` in {ALLOWED}, "
            f"such as\n  - file: {first.name}\n    sha256: {sha256}\n    reason: WHY",
        )


def find_leaks(files: Iterable[Path] = ()) -> list[Finding]:
    """Return what must not be published, in the order of the files; see `inspect`."""
    return inspect(files).findings


def inspect(files: Iterable[Path] = ()) -> Inspection:
    """Look for what must not be published.

    Args:
        files: what to look at; without any, all that git has, in history too.

    Raises:
        Fault: the list of reviewed files can't be read, or lacks a reason.
    """
    chosen = list(files)
    reviewed, leaks = reviewed_files(), DataLeaks()
    found: list[Finding] = []
    unread: dict[str, None] = {}  # in order, each once
    blobs = 0
    for blob in from_disk(chosen) if chosen else from_git():
        if (blob.name, hashlib.sha256(blob.content).hexdigest()) in reviewed:
            continue
        blobs += 1
        if len(blob.content) > _MAX_SIZE:
            found.append(Finding(Place(blob, "", 0), "a file too large for GitHub", "size"))
        is_text = b"\0" not in blob.content[:8192]
        for part in extract(blob.content):
            match part:
                case File():
                    found += _in_file(blob, part, leaks)
                    if missed := leaks.add_image(blob, part):
                        unread[f"{blob.name}{missed.place} ({missed.reason})"] = None
                case Text():
                    leaks.add_text(blob, part)
                    if not is_text:  # else it was looked through with its file
                        found += _in_text(Place(blob, part.place, 0), part.text)
                case Unread():
                    unread[f"{blob.name}{part.place} ({part.reason})"] = None
    whole = {finding.place[:2] for finding in found if finding.kind == "data"}
    found += [
        Finding(place, "an image of the competition's data, re-encoded or resized", "data")
        for place in leaks.copied_images()
        if place[:2] not in whole
    ]
    found += [
        Finding(place, "rows of the competition's data", "data") for place in leaks.copied_rows()
    ]
    findings = sorted({str(finding): finding for finding in found}.items())
    return Inspection(
        [finding for _, finding in findings], blobs, leaks.compared(), [*unread, *leaks.unread()]
    )


def _in_file(blob: Blob, file: File, leaks: DataLeaks) -> Iterator[Finding]:
    """Yield what a file's name, its text and its being a copy say."""
    inner, content = file
    name = (blob.name + inner).replace(":", "/") if inner else blob.name
    for line, what, kind in (*_by_name(name), *_by_content(content)):
        yield Finding(Place(blob, inner, line), what, kind)
    if not inner and _DEMO.search(name) and weights_license() is None:
        yield Finding(Place(blob, inner, 0), "trained weights in the demo", "demo")
    if copied := leaks.copied_file(content):
        yield Finding(Place(blob, inner, 0), f"the competition's {copied.name}", "data")


def _in_text(place: Place, text: str) -> Iterator[Finding]:
    """Yield what is in text that a file shows only when it is taken apart."""
    for _, what, kind in _by_content(text.encode("utf-8", "replace")):
        yield Finding(place, what, kind)


def _by_name(name: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, description and kind of what the name of a file says."""
    for pattern, kind in _NAMES:
        if pattern.search(name):
            yield 0, f"a file whose name says {kind}", kind
            return


def _by_content(content: bytes) -> Iterator[tuple[int, str, str]]:
    """Yield line, description and kind of credentials and of paths of the author's home."""
    if b"\0" in content[:8192]:
        return
    text = content.decode("utf-8", errors="replace")
    # All of the text is searched first, since hardly any has a secret in one of its lines.
    secrets = [
        (what, patterns)
        for what, patterns in _secrets()
        if any(pattern.search(text) for pattern in patterns)
    ]
    home = str(Path.home())
    folders = {home, home.replace("\\", "\\\\"), Path(home).as_posix()} if len(home) > 3 else set()
    homes = [folder + end for folder in folders for end in "/\\" if folder + end in text]
    if not secrets and not homes:
        return
    for number, line in enumerate(text.splitlines(), start=1):
        for what, patterns in secrets:
            if any(pattern.search(line) for pattern in patterns):
                yield number, what, "credentials"
        if any(folder in line for folder in homes):
            yield number, "a path in your home folder", "home"


@cache
def _secrets() -> list[tuple[str, list[re.Pattern[str]]]]:
    """Return each kind of secret with the patterns that it is known by."""
    from detect_secrets.core.plugins import initialize

    detectors: list[Any] = [initialize.from_plugin_classname(name) for name in _DETECTORS]
    return [
        *((what, [pattern]) for what, pattern in _TOKENS),
        *((f"a secret ({one.secret_type})", list(one.denylist)) for one in detectors),
    ]
