"""How a notebook reaches a code competition; what the client lets pass, fails here."""

import time
from pathlib import Path
from typing import Any

from compete.errors import Fault
from compete.files import note
from compete.kaggle.client import call
from compete.kaggle.http_errors import AGAIN

POLL_SECONDS = 20


def create_dataset(folder: Path) -> str:
    """Upload a folder with its dataset-metadata.json as a dataset; return its address.

    Raises `Fault` also when the client reports success but a file is missing.
    """
    made = call("", lambda api: api.dataset_create_new(str(folder), quiet=True, dir_mode="zip"))
    if made.error:
        raise Fault(
            f"Kaggle did not make the dataset: {made.error}",
            "If it is yours, make a new version of it; otherwise choose another title and slug.",
        )
    wanted = {p.name for p in folder.iterdir() if p.is_file()} - {"dataset-metadata.json"}
    require_files("/".join(str(made.ref).strip("/").split("/")[-2:]), wanted)
    return str(made.url)


def require_files(dataset: str, wanted: set[str]) -> None:
    """Raise `Fault` unless the dataset "owner/slug" holds all of these files."""
    found = call("", lambda api: api.dataset_list_files(dataset, page_size=200))
    if missing := sorted(wanted - {file.name for file in found.files}):
        raise Fault(
            f"The dataset {dataset} was made without {', '.join(missing)}: their upload failed.",
            "Make a new version of the dataset.",
        )


def push(folder: Path) -> int:
    """Push the notebook that kernel-metadata.json describes; return its version number."""
    pushed = call("", lambda api: api.kernels_push(str(folder)), once=True)
    if pushed.error:
        raise Fault(f"Kaggle did not take the notebook: {pushed.error}", "Fix it and push again.")
    for kind in ("dataset", "competition", "kernel", "model"):
        if unknown := getattr(pushed, f"invalid_{kind}_sources"):
            raise Fault(
                f"The notebook names a {kind} that Kaggle does not know: {', '.join(unknown)}.",
                f"Correct {kind}_sources in kernel-metadata.json and push it again.",
            )
    return int(pushed.version_number)


def wait(kernel: str, seconds: float) -> None:
    """Wait until the notebook "owner/slug" has run. Raise `Fault` if it fails or takes longer."""
    end = time.monotonic() + seconds
    while True:
        found: Any = call("", lambda api: api.kernels_status(kernel))
        state = found.status.name.lower()
        if state == "complete":
            return
        if state in ("error", "cancel_requested", "cancel_acknowledged"):
            raise Fault(
                f"The notebook {kernel} ended in {state}: {found.failure_message or 'see its log'}",
                f"Read the log on https://www.kaggle.com/code/{kernel}, fix it and push again.",
            )
        if time.monotonic() > end:
            raise Fault(f"The notebook {kernel} is still {state}.", AGAIN)
        note(f"{kernel}: {state}")
        time.sleep(POLL_SECONDS)


def submit_kernel(slug: str, kernel: str, version: int, description: str) -> int:
    """Enters the submission.csv of a version of a notebook; returns Kaggle's number for it."""
    answer = call(
        slug,
        lambda api: api.competition_submit_code(
            "submission.csv", description, slug, kernel, version, quiet=True
        ),
        once=True,
    )
    return int(answer.ref)
