"""The ledger: one line of JSON for every submission, written before the file is sent."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import Fault
from ..files import LEDGER, METRICS, PARAMS, SUBMISSION, file_digest, git, read_yaml, write_text


@dataclass
class Entry:
    """One submission.

    `state` is `sending` (recorded; whether Kaggle has it is not known), `pending` (Kaggle has it,
    no score yet), `complete`, `error` (Kaggle could not score it) or `refused` (never entered).
    `gap` is public score minus cross-validation score. `tag` ends the description that Kaggle
    keeps, so that a submission can be recognised there.
    """

    tag: str
    time: str
    slug: str
    file: str
    sha256: str
    message: str = ""
    commit: str | None = None
    dirty: bool = False
    params: dict[str, Any] | None = None
    metric: str | None = None
    cv: float | None = None
    state: str = "sending"
    ref: int | None = None
    public: float | None = None
    private: float | None = None
    rank: int | None = None
    teams: int | None = None
    gap: float | None = None
    error: str | None = None

    @property
    def description(self) -> str:
        """What Kaggle shows beside the submission."""
        return f"{self.message[:400]} [{self.tag}]".strip()


def new_entry(file: Path, message: str, slug: str) -> Entry:
    """An entry for `file` as it is now, with the commit, the params and the CV it came from."""
    commit, dirty = _git()
    cv = _cv() if file.resolve() == SUBMISSION.resolve() else {}
    return Entry(
        tag=secrets.token_hex(4),
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        slug=slug,
        file=file.as_posix(),
        sha256=file_digest(file),
        message=message,
        commit=commit,
        dirty=dirty,
        params=read_yaml(PARAMS),
        metric=cv.get("metric"),
        cv=cv.get("score"),
    )


@contextmanager
def lock() -> Iterator[None]:
    """Keep the ledger, and what it tells Kaggle, to one process, which may die holding it.

    Raises:
        Fault: another process has it.
    """
    from filelock import FileLock, Timeout  # takes a tenth of a second

    try:
        with FileLock(LEDGER.with_suffix(".lock"), blocking=False):
            yield
    except Timeout:
        raise Fault(
            "Another `compete submit` or `compete status` is under way in this project.",
            "Let it end, or stop it; `compete status` shows how far it is.",
        ) from None


def load(path: Path = LEDGER) -> list[Entry]:
    """The entries, oldest first. Raises `Fault` for a line that is not one."""
    if not path.exists():
        return []
    known = {item.name for item in fields(Entry)}
    entries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            entries.append(Entry(**{k: v for k, v in values.items() if k in known}))
        except (ValueError, TypeError, AttributeError):
            raise Fault(
                f"Line {number} of {path} is not an entry of the ledger.",
                f"Mend it, or bring the file back with `git checkout {path.as_posix()}`.",
            ) from None
    return entries


def save(entries: list[Entry], path: Path = LEDGER) -> None:
    """Writes all entries, whole or not at all."""
    lines = [json.dumps(asdict(entry), ensure_ascii=False) for entry in entries]
    write_text(path, "".join(line + "\n" for line in lines))


def _git() -> tuple[str | None, bool]:
    """The commit, and whether tracked files differ from it (the ledger itself aside)."""
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!submissions")
    return git("rev-parse", "HEAD") or None, bool(changed)


def _cv() -> dict[str, Any]:
    try:
        cv = json.loads(METRICS.read_text(encoding="utf-8"))["cv"]
        return cv if isinstance(cv, dict) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
