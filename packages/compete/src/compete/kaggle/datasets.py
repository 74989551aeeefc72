"""Datasets on Kaggle: making one, and seeing that all of its files have arrived."""

import tempfile
import time
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

from compete.errors import Fault
from compete.files import note
from compete.kaggle.client import PAGE, ask, call
from compete.kaggle.http_errors import AGAIN, SITE, Unknown

SERVICE = "datasets.dataset"
METADATA = "dataset-metadata.json"
READY_SECONDS = 1800  # until Kaggle has processed an upload
POLL_SECONDS = 5.0
FAILED = ("failed", "deleted")


def status(dataset: str) -> str | None:
    """Return how the latest version of "owner/slug" stands, None if there is no such dataset.

    Raises:
        Fault: it can't be asked.
    """
    owner, _, slug = dataset.partition("/")
    fields = {"owner_slug": owner, "dataset_slug": slug}
    try:
        found = call("", lambda api: ask(api, "get_dataset_status", SERVICE, **fields))
    except Unknown:
        return None
    return str(found.status.name.lower())


def version(dataset: str) -> int:
    """Return the number of the latest version. Raise `Fault`."""
    owner, _, slug = dataset.partition("/")
    fields = {"owner_slug": owner, "dataset_slug": slug}
    found = call("", lambda api: ask(api, "get_dataset", SERVICE, **fields))
    return int(found.current_version_number)


def wait(dataset: str, seconds: float = READY_SECONDS) -> None:
    """Wait until Kaggle has processed the latest version. Raise `Fault` if that fails."""
    end, pause = time.monotonic() + seconds, 0.5
    while (state := status(dataset)) != "ready":
        if state in FAILED:
            raise Fault(
                f"Kaggle could not process the dataset {dataset} ({state}).",
                f"See {SITE}/datasets/{dataset}. {AGAIN}",
            )
        if time.monotonic() > end:
            raise Fault(f"Kaggle is still processing the dataset {dataset}.", AGAIN)
        note(f"Kaggle processes the dataset {dataset} (Ctrl-C is safe).")
        time.sleep(pause)
        pause = min(pause * 2, POLL_SECONDS)


def file(dataset: str, name: str) -> bytes | None:
    """Return one file of the latest version, None if it has no such file. Raise `Fault`."""

    def fetch(api: Any) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            api.dataset_download_file(dataset, name, path=folder, force=True, quiet=True)
            path = next(path for path in Path(folder).iterdir() if path.is_file())
            if path.suffix != ".zip":
                return path.read_bytes()
            with zipfile.ZipFile(path) as archive:  # so Kaggle sends what is large
                return archive.read(archive.namelist()[0])

    try:
        return call("", fetch)
    except Unknown:
        return None


def missing_files(dataset: str, folder: Path) -> list[str]:
    """Return the files of `folder` that the latest version of the dataset lacks.

    The client uploads a folder inside as an archive, which Kaggle unpacks or keeps.

    Raises:
        Fault: the files can't be listed.
    """
    listed = _listed(dataset)
    flat = not any("/" in name for name in listed)  # some lists name files without their folders
    lacking = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        top = name.partition("/")[0]
        arrived = name in listed or (top != name and f"{top}.zip" in listed)
        if name != METADATA and not arrived and not (flat and path.name in listed):
            lacking.append(name)
    return lacking


def create(folder: Path, quiet: bool = True) -> None:
    """Make a dataset of a folder with its dataset-metadata.json.

    Args:
        folder: what is uploaded.
        quiet: no progress is shown.

    Raises:
        Fault: Kaggle does not make it, also where its client reports success.
        Unreachable: nobody knows whether it was made.
    """

    def request(api: Any) -> Any:
        _never_repeat(api)
        return api.dataset_create_new(str(folder), quiet=quiet, dir_mode="zip")

    made = call("", request, once=True)
    if made.error:
        raise Fault(
            f"Kaggle did not create the dataset: {made.error}",
            f"Rename or delete the other one on {SITE}/datasets, then run the same command again.",
        )


def add_version(folder: Path, notes: str, quiet: bool = True) -> None:
    """Make another version of the dataset of a folder; older versions stay.

    Args:
        folder: what is uploaded.
        notes: what the version is.
        quiet: no progress is shown.

    Raises:
        Fault: Kaggle does not make it, also where its client reports success.
        Unreachable: nobody knows whether it was made.
    """

    def request(api: Any) -> Any:
        _never_repeat(api)
        return api.dataset_create_version(str(folder), notes, quiet=quiet, dir_mode="zip")

    made = call("", request, once=True)
    if made.error:
        raise Fault(f"Kaggle did not create a version of the dataset: {made.error}", AGAIN)


def _never_repeat(api: Any) -> None:
    """Switch off the client's own repetitions: what it sends again may have arrived."""
    api.with_retry = lambda method, *_, **__: method


def _page(api: Any, dataset: str, token: str | None) -> Any:
    return api.dataset_list_files(dataset, page_token=token, page_size=PAGE)


def _listed(dataset: str) -> set[str]:
    names: set[str] = set()
    token = None
    while True:
        found = call("", partial(_page, dataset=dataset, token=token))
        names |= {file.name for file in found.files}
        token = found.next_page_token
        if not token:
            return names
