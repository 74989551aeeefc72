"""Reads the state, score and rank of submissions from Kaggle into the ledger, and prints them."""

import time
from datetime import UTC, datetime

from compete.errors import Fault
from compete.files import LEADERBOARD, note
from compete.kaggle import client, ledger
from compete.kaggle.http_errors import AGAIN
from compete.kaggle.rerun_errors import rerun_remedy
from compete.metrics import find_metric
from compete.submission_records import Leaderboard, LedgerEntry


def refresh(entries: list[LedgerEntry], slug: str) -> None:
    """Update the entries of a competition from Kaggle, and save the ledger."""
    mine = [entry for entry in entries if entry.slug == slug]
    remote = client.submissions(slug)
    by_ref = {found.ref: found for found in remote}
    for entry in mine:
        found = by_ref.get(entry.ref or 0) or next(
            (r for r in remote if f"[{entry.tag}]" in r.description), None
        )
        if found is None:
            continue
        before = entry.state, entry.public, entry.private
        entry.ref, entry.state = found.ref, found.status
        entry.public, entry.private = found.public, found.private
        entry.error = found.error or None
        if entry.public is not None and entry.cv is not None and not entry.leaderboard_metric:
            entry.gap = round(entry.public - entry.cv, 6)
        if entry.state == "complete" and (entry.state, entry.public, entry.private) != before:
            _rank(entry)
    ledger.save(entries)


def await_score(entries: list[LedgerEntry], entry: LedgerEntry, seconds: float) -> LedgerEntry:
    """Wait for the score of an entry, and print it.

    Args:
        entries: the ledger.
        entry: one of them, which Kaggle has.
        seconds: how long to wait.

    Raises:
        Fault: Kaggle could not score it, or has not yet.
    """
    end, pause = time.monotonic() + seconds, 1.0
    note(f"Submission {entry.ref} arrived; waiting for its score (Ctrl-C is safe).")
    while True:
        refresh(entries, entry.slug)
        if not entry.is_open:
            return tell(entry)
        if time.monotonic() > end:
            raise Fault("Kaggle has not scored it yet.", f"See `compete status` later. {AGAIN}")
        time.sleep(pause)
        pause = min(pause * 1.5, 20)


def tell(entry: LedgerEntry) -> LedgerEntry:
    """Print the score of an entry. Raise `Fault` if Kaggle could not score it."""
    if entry.state == "error":
        reason = (entry.error or "no reason given").rstrip(".")
        raise Fault(
            f"Kaggle could not score submission {entry.ref}: {reason}.",
            rerun_remedy(entry.error or "")
            if entry.kernel
            else "Fix the file and submit it again.",
        )
    table([entry])
    return entry


def table(entries: list[LedgerEntry]) -> None:
    """Print entries with their scores."""
    from rich.console import Console
    from rich.table import Table

    def number(value: float | None, sign: str = "") -> str:
        return "" if value is None else f"{value:{sign}.5f}"

    shown = Table(box=None, pad_edge=False)
    for name in ("date", "message"):
        shown.add_column(name)
    for name in ("CV", "public", "private", "gap", "rank"):
        shown.add_column(name, justify="right")
    shown.add_column("state")
    for e in entries:
        rank = f"{e.rank}/{e.teams}" if e.rank else ""
        scores = (number(e.cv), number(e.public), number(e.private), number(e.gap, "+"))
        row = (e.time[:16].replace("T", " "), e.message or e.tag, *scores, rank, e.state)
        shown.add_row(*row)
    Console(soft_wrap=True).print(shown)
    for warning in dict.fromkeys(e.mismatch for e in entries if e.mismatch):
        note(f"warning: {warning}")


def _rank(entry: LedgerEntry) -> None:
    """Position on the leaderboard with this score; left open if that cannot be found out."""
    entry.rank = entry.teams = None
    try:
        about = client.competition(entry.slug)
        # after the deadline Kaggle shows the private leaderboard
        ours = entry.private if about.over() and entry.private is not None else entry.public
        if ours is None:
            return
        scores = client.leaderboard(entry.slug)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        board = Leaderboard(entry.slug, now, about.over(), scores)
        board.write(LEADERBOARD)
        metric = find_metric(about.metric)
        maximize = metric.maximize if metric else board.maximize
        if maximize is None and (metric := find_metric(entry.metric or "")):
            maximize = metric.maximize
        if maximize is None:
            return
    except Fault as fault:
        note(f"The rank could not be determined: {fault.what}")
        return
    better = sum(score > ours if maximize else score < ours for score in scores)
    if better < client.RANKED:
        entry.rank, entry.teams = 1 + better, max(about.teams, len(scores))
