"""Uploads a submission once, waits for its score, and keeps the ledger in sync with Kaggle."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from compete.errors import Fault
from compete.files import RECORD, note
from compete.kaggle import client, credentials, games, ledger
from compete.kaggle.http_errors import NOTEBOOK, Unreachable
from compete.kaggle.scores import await_score, refresh, table, tell
from compete.records import CompetitionRecord
from compete.submission_records import LedgerEntry
from compete.verdict import SubmissionFacts, Verdict

WAIT_SECONDS = 900  # for a score, before we leave it to `compete status`


@ledger.lock()
def submit(
    file: Path,
    message: str,
    facts: SubmissionFacts,
    check: Callable[[Path], Verdict],
    again: bool = False,
    late: bool = False,
) -> LedgerEntry:
    """Check, record and upload a submission, and wait for the score. Resumes if called again.

    Args:
        file: the submission.
        message: what changed.
        facts: where it is sent.
        check: gives the verdict on the file.
        again: whether a file that was sent before is sent once more.
        late: whether it is sent after the deadline.

    Raises:
        Fault: Kaggle would refuse the file or refuses it, the score is pending, or another process
            submits.
    """
    if is_code_competition():
        raise code_competition(facts.slug)
    verdict = check(file)
    for warning in verdict.warnings:
        note(f"warning: {warning}")
    if verdict.faults:
        raise Fault(
            f"Kaggle would reject {file}: {'; '.join(verdict.faults)}.",
            "Fix the file; `compete validate` shows the same list.",
        )
    entry = ledger.new_entry(file, message, facts.slug, facts.metric)
    return enter(
        entry,
        f"Uploading {file} ...",
        lambda description: client.submit_file(facts.slug, file, description),
        again=again,
        late=late,
        scored_after=WAIT_SECONDS,
    )


def enter(
    entry: LedgerEntry,
    doing: str,
    send: Callable[[str], int],
    *,
    again: bool,
    late: bool,
    scored_after: float,
) -> LedgerEntry:
    """Send what `entry` records, unless that was done, and wait for its score.

    The ledger must be locked.

    Args:
        entry: what is sent, where to.
        doing: what to tell while it is sent.
        send: sends it under a description; returns Kaggle's number for it.
        again: whether what was sent before is sent once more.
        late: whether it is sent after the deadline.
        scored_after: seconds to wait for the score.

    Raises:
        Fault: Kaggle refuses it, or could not score it, or the score is pending.
    """
    entries, slug = ledger.load(), entry.slug
    was_open = {entry.tag for entry in entries if entry.is_open}
    if was_open:
        refresh(entries, slug)
    latest = None
    for earlier in entries:
        if (earlier.slug, earlier.sha256) == (entry.slug, entry.sha256):
            if earlier.state != "refused" or latest is None:
                latest = earlier
        elif earlier.state == "sending":
            earlier.state, earlier.error = "refused", "It never arrived."
    if latest and latest.state == "pending":
        note(f"This {latest.kind} has already been uploaded (submission {latest.ref}).")
        return await_score(entries, latest, scored_after)
    if latest and latest.state in ("complete", "error"):
        if latest.tag in was_open:  # what this very command, interrupted, was waiting for
            return tell(latest)
        if not again:
            when, kind = latest.time, latest.kind
            note(f"The same {kind} was submitted on {when}; to submit it again, add --again.")
            return tell(latest)
    require_permission(slug, late, notebook=entry.kernel is not None)
    if latest and latest.state == "sending":
        entry = latest  # interrupted before it arrived: the same record serves
    else:
        entries.append(entry)
    ledger.save(entries)
    note(doing)
    _send(entries, entry, send)
    return await_score(entries, entry, scored_after)


def is_code_competition() -> bool:
    """Return whether the competition, as `compete download` noted it, takes notebooks only."""
    record = CompetitionRecord.read(RECORD)
    return record is not None and record.kernels_only


def code_competition(slug: str) -> Fault:
    """Return the Fault for a file that is to go to a code competition."""
    return Fault(f"{slug} is a code competition: it takes a notebook, not a file.", NOTEBOOK)


def status(as_json: bool = False) -> None:
    """Print the ledger, brought up to date if Kaggle can be asked, and the episodes of agents."""
    entries = ledger.load()
    waiting = any(e.is_open or (e.ref and e.private is None) for e in entries)
    if waiting and credentials.found():
        try:
            with ledger.lock():
                entries = ledger.load()
                for slug in {entry.slug for entry in entries}:
                    refresh(entries, slug)
        except Fault as fault:
            note(f"The scores were not updated: {fault.what}")
    played = games.latest(entries) if credentials.found() else {}
    games.keep(played)
    if as_json:
        told = [
            asdict(entry) | ({"games": games.as_dicts(played[ref])} if ref in played else {})
            for entry in entries
            for ref in [entry.ref or 0]
        ]
        print(json.dumps(told, indent=2, ensure_ascii=False))
    elif not entries:
        print("Nothing has been submitted yet.")
    else:
        table(entries)
    for ref, found in played.items() if not as_json else ():
        games.print_table(ref, found)


def require_permission(slug: str, late: bool = False, notebook: bool = False) -> None:
    """Raise `Fault` for what Kaggle would refuse, before a file or a notebook is sent."""
    about = client.competition(slug)
    if about.kernels_only and not notebook:
        raise code_competition(slug)
    if not about.entered:
        raise Fault(
            f"You have not joined {slug}.",
            f"Accept its rules on {about.url}/rules, then run the same command again.",
        )
    if about.closed:
        raise Fault(f"{slug} no longer accepts submissions.", f"See {about.url}.")
    if about.over() and not late:
        raise Fault(
            f"The deadline of {slug} was {about.deadline}.",
            f"If {about.url} offers late submissions, add --late.",
        )
    left = client.limits(slug)
    if left.left < 1:
        raise Fault(
            f"You have no submissions left today ({left.today} made).",
            "Wait until midnight UTC and run the same command again.",
        )


def _send(entries: list[LedgerEntry], entry: LedgerEntry, send: Callable[[str], int]) -> None:
    try:
        entry.ref = send(entry.description)
        entry.state = "pending"
    except Unreachable as fault:
        refresh(entries, entry.slug)  # it may have arrived all the same
        if entry.state == "sending":
            raise fault from None
    except Fault as fault:
        entry.state, entry.error = "refused", fault.what
        raise
    finally:
        ledger.save(entries)
