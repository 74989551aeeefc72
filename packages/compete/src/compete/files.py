"""The paths of a project's files, and atomic writing."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from compete.errors import Fault

PARAMS = Path("params.yaml")
MEMBERS = Path("members")
RAW = Path("data/raw")
RECORD = Path("data/competition.json")
PROCESSED = Path("data/processed")
CONTRACT = Path("contract.yaml")
RUNS = Path("runs")
PREDICTIONS = Path("predictions")
SCORES = Path("reports/metrics.json")
SUBMISSION = Path("submissions/submission.csv")
LEDGER = Path("submissions/ledger.jsonl")
LEADERBOARD = Path("submissions/leaderboard.json")
REPORTS = Path("reports")
KERNEL = Path("kernel")
NOTES = REPORTS / "notes.md"
README = Path("README.md")
MODEL_CARD = Path("MODEL_CARD.md")
PAGE = REPORTS / "index.html"
DEMO = REPORTS / "demo" / "index.html"

# Columns that `prepare` adds to the tables it writes. No column of a competition begins like this:
# `read_table` refuses it.
OWN = "compete:"
ROW_ID = f"{OWN}id"  # what names the row in the submission, as text
CONTENT = f"{OWN}content"  # a fingerprint of the row's inputs
FOLD = f"{OWN}fold"
GROUP = f"{OWN}group"  # rows with the same one never cross a fold
TIME = f"{OWN}time"  # folds go by it
IMAGE = f"{OWN}image"  # the path of the row's image


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path for a file or a folder, which replaces `path` at the end.

    If the body raises or the process dies, `path` is what it was before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield beside
        if beside.is_dir() and path.is_dir():
            shutil.rmtree(path)
        beside.replace(path)
    finally:
        if beside.is_dir():
            shutil.rmtree(beside)
        else:
            beside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 with Unix line ends, whole or not at all."""
    with atomic_path(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file, `{}` if empty. Raise `Fault` if missing or broken."""
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise Fault(f"{path} is missing.", "Run the command in the project's folder.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Fault(f"{path} is not valid YAML: {error}.", "Fix that line.") from None
    if not isinstance(value, dict):
        raise Fault(f"{path} contains no keys.", "Write it as `key: value` lines.")
    return value


def note(message: str) -> None:
    """One line for the person who waits, on stderr, so that stdout stays for results."""
    print(message, file=sys.stderr, flush=True)


def digest(parts: Iterable[bytes | str]) -> str:
    """Return a short stable fingerprint (16 hex digits) of some strings or bytes, in order."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "little") + data)
    return total.hexdigest()[:16]


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def git(*words: str) -> str:
    """Return what git answers here, or an empty string."""
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True, encoding="utf-8")
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def readme_heading() -> str:
    """Return the first heading of the README, empty if there is none."""
    text = README.read_text(encoding="utf-8") if README.exists() else ""
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    return found[1].strip() if found else ""


def project_title(heading: str, slug: str, title: str) -> str:
    """Return the name of the project: the README's heading, unless it only repeats the slug.

    Args:
        heading: of the README.
        slug: of the competition.
        title: of the competition.
    """
    named = [name for name in (heading, title) if _letters(name) != _letters(slug)]
    return next(filter(None, [*named, heading, title]))


def _letters(name: str) -> str:
    """Return the letters and digits of a name, by which a title and a slug are the same."""
    return re.sub(r"[\W_]", "", name).lower()
