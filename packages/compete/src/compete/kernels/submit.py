"""`compete kernel submit`: enters the version of the notebook that was pushed, once."""

from compete.errors import Fault
from compete.kaggle import client, kernel, ledger
from compete.kaggle.submission import enter
from compete.kernels import pushes
from compete.submission_records import LedgerEntry


@ledger.lock()
def submit(message: str, again: bool = False, late: bool = False) -> LedgerEntry:
    """Submit the notebook that was pushed and wait for its score; run again, go on.

    Args:
        message: what changed.
        again: whether a notebook that was submitted before is submitted once more.
        late: whether it is submitted after the deadline.

    Raises:
        Fault: what is built was not pushed, or has not run; Kaggle refuses it, could not score it,
            or the score is pending; another process submits.
    """
    built = pushes.read_built(client.user())
    known = pushes.load()
    latest = next((push for push in reversed(known) if push.digest == built.digest), None)
    if latest is None or not latest.kernel_version or not latest.file:
        what = "was not pushed" if latest is None else "has not run on Kaggle"
        raise Fault(f"What is built in kernel/ {what}.", "Run `compete kernel push` first.")
    entry = ledger.new_notebook_entry(
        file=latest.file,
        slug=built.competition,
        message=message,
        fingerprint=built.submission or latest.digest,
        metric=latest.metric,
        cv=latest.cv,
        kernel=latest.kernel,
        kernel_version=latest.kernel_version,
        dataset_version=latest.dataset_version,
        manifest=latest.manifest,
    )
    return enter(
        entry,
        f"Submitting version {latest.kernel_version} of {latest.kernel} ...",
        kernel.sender(built.competition, latest.kernel, latest.kernel_version, latest.file),
        again=again,
        late=late,
        scored_after=kernel.RUN_SECONDS,
    )
