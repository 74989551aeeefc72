"""The ledger: one line of JSON for every submission, written before the file is sent."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from compete.errors import Fault
from compete.files import (
    LEDGER,
    PARAMS,
    RECORD,
    SUBMISSION,
    file_digest,
    git,
    read_yaml,
)
from compete.metrics import is_other_metric
from compete.records import CompetitionRecord, Scores, read_lines, write_lines
from compete.submission_records import LedgerEntry


def new_entry(file: Path, message: str, slug: str, metric: str = "") -> LedgerEntry:
    """Return an entry for `file` as it is now, with the commit, params and CV behind it.

    Args:
        file: the submission.
        message: what changed.
        slug: of the competition.
        metric: the project's, if `file` has no cross-validation score that names one.
    """
    scores = Scores.load() if file.resolve() == SUBMISSION.resolve() else None
    return _new_entry(
        slug=slug,
        file=file.as_posix(),
        sha256=file_digest(file),
        message=message,
        metric=scores.cv.metric if scores else None,
        cv=scores.cv.score if scores else None,
        compared=scores.cv.metric if scores else metric,
    )


def new_notebook_entry(*, fingerprint: str, metric: str | None, **sent: Any) -> LedgerEntry:
    """Return an entry for a file that a version of a notebook writes.

    Args:
        fingerprint: of the notebook and its dataset.
        metric: of cross-validation, if its weights have such a score.
        sent: further fields of `LedgerEntry`.
    """
    return _new_entry(sha256=fingerprint, metric=metric, compared=metric or "", **sent)


def _new_entry(compared: str, **sent: Any) -> LedgerEntry:
    """Return an entry for what is sent now; `compared` is the metric beside the leaderboard's."""
    commit, dirty = _git()
    record = CompetitionRecord.read(RECORD)
    other = record is not None and compared and is_other_metric(record.metric, compared)
    return LedgerEntry(
        tag=secrets.token_hex(4),
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        commit=commit,
        dirty=dirty,
        params=read_yaml(PARAMS),
        leaderboard_metric=record.metric if record and other else None,
        **sent,
    )


@contextmanager
def lock(path: Path = LEDGER, verb: str = "compete submit` or `compete status") -> Iterator[None]:
    """Lock a record, and the requests to Kaggle about it, for one process, even if it dies.

    Args:
        path: the record.
        verb: which commands take this lock.

    Raises:
        Fault: another process has it.
    """
    from filelock import FileLock, Timeout  # takes a tenth of a second

    try:
        path.parent.mkdir(exist_ok=True)
        with FileLock(path.with_suffix(".lock"), blocking=False):
            yield
    except Timeout:
        raise Fault(
            f"Another `{verb}` is running in this project.",
            "Wait until it ends, or stop it; `compete status` shows its progress.",
        ) from None


def load(path: Path = LEDGER) -> list[LedgerEntry]:
    """Return the entries, oldest first. Raise `Fault` for a line that is not one."""
    return read_lines(path, LedgerEntry, "a valid entry of the ledger")


def save(entries: list[LedgerEntry], path: Path = LEDGER) -> None:
    """Write all entries, whole or not at all."""
    write_lines(path, entries)


def _git() -> tuple[str | None, bool]:
    """Return the commit, and whether tracked files differ from it (the ledger itself aside)."""
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!submissions")
    return git("rev-parse", "HEAD") or None, bool(changed)
