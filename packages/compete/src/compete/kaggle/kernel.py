"""Notebooks on Kaggle: pushing a version, waiting until it has run, submitting it."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compete.errors import Fault
from compete.files import note
from compete.kaggle.client import PAGE, ask, call
from compete.kaggle.http_errors import AGAIN, SITE, Unknown, Unreachable

SERVICE = "kernels.kernels"
POLL_SECONDS = 20.0
RUN_SECONDS = 13 * 3600  # Kaggle ends a notebook after twelve hours
TELL_SECONDS = 60.0
FAILED = ("error", "cancel_requested", "cancel_acknowledged")
LOG_LINES = 40
# Of rows, of rows that an inference server answered, of an agent (two), and of images.
SUBMISSIONS = (
    "submission.csv",
    "submission.parquet",
    "submission.tar.gz",
    "submission.py",
    "images.zip",
)


@dataclass(frozen=True)
class RemoteKernel:
    """The latest version of a notebook on Kaggle: its cells' sources, and what it attaches."""

    version: int
    cells: list[str]
    datasets: list[str]
    competitions: list[str]
    internet: bool


def find(kernel: str) -> RemoteKernel | None:
    """Return the latest version of "owner/slug", None if there is no such notebook.

    Raises:
        Fault: it can't be asked.
    """
    owner, _, slug = kernel.partition("/")
    fields = {"user_name": owner, "kernel_slug": slug}
    try:
        found = call("", lambda api: ask(api, "get_kernel", SERVICE, **fields))
    except Unknown:
        return None
    return RemoteKernel(
        version=int(found.metadata.current_version_number or 0),
        cells=cells(found.blob.source or ""),
        datasets=list(found.metadata.dataset_data_sources or []),
        competitions=list(found.metadata.competition_data_sources or []),
        internet=bool(found.metadata.enable_internet),
    )


def cells(notebook: str) -> list[str]:
    """Return the sources of a notebook's cells; the whole text if it is no notebook."""
    try:
        return ["".join(cell["source"]).strip() for cell in json.loads(notebook)["cells"]]
    except (ValueError, TypeError, KeyError):
        return [notebook]


def push(folder: Path) -> int:
    """Push the notebook that kernel-metadata.json describes; return its version number.

    Raises:
        Fault: Kaggle does not take it as it is, also where its client reports success.
        Unreachable: nobody knows whether it was taken.
    """
    pushed = call("", lambda api: api.kernels_push(str(folder)), once=True)
    if pushed.error:
        quota = re.search("quota|maximum", pushed.error, re.IGNORECASE)
        wait = f"Wait until there is room again (see {SITE}/settings)"
        smaller = "or build without accelerator, and push again"
        raise Fault(
            f"Kaggle rejected the notebook: {pushed.error}",
            f"{wait}, {smaller}." if quota else "Correct that and run `compete kernel push` again.",
        )
    for kind in ("dataset", "competition", "kernel", "model"):
        if unknown := getattr(pushed, f"invalid_{kind}_sources"):
            join = "Join it on its page if you have not; else correct"
            raise Fault(
                f"The notebook attaches a {kind} that Kaggle does not know: {', '.join(unknown)}.",
                f"{join if kind == 'competition' else 'Correct'} {kind}_sources in "
                "kernel/notebook/kernel-metadata.json if it is wrong there, and run "
                "`compete kernel push` again.",
            )
    if not pushed.version_number:
        raise Unreachable("Kaggle returned no version number for the notebook.", AGAIN)
    return int(pushed.version_number)


def status(kernel: str) -> tuple[str, str]:
    """Return how the run of the latest version stands, and why it failed. Raise `Fault`."""
    owner, _, slug = kernel.partition("/")
    fields = {"user_name": owner, "kernel_slug": slug}
    found = call("", lambda api: ask(api, "get_kernel_session_status", SERVICE, **fields))
    return found.status.name.lower(), found.failure_message or ""


def wait(kernel: str, version: int, seconds: float = RUN_SECONDS) -> str:
    """Wait until a version of the notebook "owner/slug" has run.

    Returns:
        Nothing if it ended well, else why it failed.

    Raises:
        Fault: it takes longer, or another version was saved meanwhile.
    """
    began, told, pause = time.monotonic(), 0.0, 0.5
    latest, before = None, ""
    while True:
        state, failure = status(kernel)
        if state == "complete" or state in FAILED:
            # Kaggle tells how the latest version stands, whichever it is asked for.
            latest = find(kernel)
            if latest is None or latest.version != version:
                raise Fault(
                    f"Another version of {kernel} was saved meanwhile, so that Kaggle no longer "
                    f"tells how version {version} ended.",
                    "Run `compete kernel push` again: it pushes this project's as the latest.",
                )
            return "" if state == "complete" else f"{state}{f': {failure}' if failure else ''}"
        passed = time.monotonic() - began
        if passed > seconds:
            raise Fault(
                f"Version {version} of {kernel} is still {state}.",
                f"See {SITE}/code/{kernel}, where it can be cancelled. {AGAIN}",
            )
        if state != before or passed - told > TELL_SECONDS:
            note(f"{kernel} version {version}: {state}, {passed / 60:.0f} min (Ctrl-C is safe).")
            told, before = passed, state
        time.sleep(pause)
        pause = min(pause * 1.5, POLL_SECONDS)


def log(kernel: str) -> str:
    """Return what the latest version printed, without colours. Raise `Fault`."""
    found = _output(kernel)
    try:
        text = "".join(str(line["data"]) for line in json.loads(found.log or "[]"))
    except (ValueError, TypeError, KeyError):
        text = found.log or ""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def submission_file(kernel: str) -> str | None:
    """Return the submission that the latest version wrote, None if there is none. Raise `Fault`."""
    token = ""
    while True:
        found = _output(kernel, token)
        names = {file.file_name for file in found.files}
        if known := [name for name in SUBMISSIONS if name in names]:
            return known[0]
        token = found.next_page_token or ""
        if not token:
            return None


def _output(kernel: str, token: str = "") -> Any:
    owner, _, slug = kernel.partition("/")
    fields: dict[str, Any] = {"user_name": owner, "kernel_slug": slug, "page_size": PAGE}
    if token:
        fields["page_token"] = token
    return call("", lambda api: ask(api, "list_kernel_session_output", SERVICE, **fields))


def relevant_end(text: str, lines: int = LOG_LINES) -> str:
    """Return the end of a log: from the last traceback on, if there is one, else the last lines."""
    found = text.splitlines()
    starts = [i for i, line in enumerate(found) if "Traceback (most recent call last)" in line]
    end = found[starts[-1] :] if starts else found[-lines // 2 :]
    if len(end) > lines:  # where it began, and what it came to
        end = [*end[: lines // 4], "...", *end[-lines + lines // 4 :]]
    return "\n".join(end)


def sender(slug: str, kernel: str, version: int, file: str) -> Callable[[str], int]:
    """Return what submits a file that a version writes: description in, Kaggle's number out.

    It raises `Fault` if it was certainly not entered, `Unreachable` if nobody knows.
    """

    def send(description: str) -> int:
        answer = call(
            slug,
            lambda api: api.competition_submit_code(
                file, description, slug, kernel, version, quiet=True
            ),
            once=True,
        )
        if answer.ref and answer.ref > 0:
            return int(answer.ref)
        raise Unreachable(
            f"Kaggle returned no number for the submission. It says: {answer.message!r}",
            "Run the same command again: it looks for the submission before it sends another.",
        )

    return send
