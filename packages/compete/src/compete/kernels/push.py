"""`compete kernel push`: the dataset, then the notebook, until it has run on Kaggle.

What lies on Kaggle is looked at first: the dataset's MANIFEST.json, the notebook's cells. So
nothing is pushed twice, wherever an earlier push was killed, and nothing of others is replaced.
"""

import json
import sys
import tempfile
from pathlib import Path

from compete.errors import Fault
from compete.files import KERNEL, file_digest, note, write_json, write_text
from compete.kaggle import client, datasets, kernel, ledger
from compete.kaggle.http_errors import AGAIN, SITE
from compete.kernels import pushes
from compete.kernels.folder import DATASET, MANIFEST, NOTEBOOK
from compete.kernels.pushes import PUSHES, Built, Push

LOG = KERNEL / "log.txt"
_FREE_NAME = "Rename or delete it there, and run the same command again."


@ledger.lock(PUSHES, "compete kernel push")
def push() -> Push:
    """Push what was built and wait until Kaggle has run it; run again, go on where it stopped.

    Raises:
        Fault: Kaggle refuses a part of it, the notebook fails there, or another process pushes.
    """
    built = pushes.read_built(client.user())
    known = pushes.load()
    begun = built.dataset in {push.dataset for push in known}
    latest = known[-1] if known else None
    if latest is None or latest.digest != built.digest or latest.state == "error":
        latest = built.new_push()
        known.append(latest)
    _push_dataset(built, known, begun)
    latest.dataset_version = datasets.version(built.dataset)
    pushes.save(known)
    _push_notebook(built, known)
    if latest.state != "complete":
        _await_run(built, known)
    note(f"Version {latest.kernel_version} of {built.kernel} has run: `compete kernel submit`.")
    return latest


def _push_dataset(built: Built, known: list[Push], begun: bool) -> None:
    """See that the latest version of the dataset on Kaggle is what was built.

    Args:
        built: what is pushed.
        known: all pushes, this one last.
        begun: whether an earlier push made the dataset, or may have.
    """
    dataset, exists = built.dataset, datasets.status(built.dataset) is not None
    if exists:
        datasets.wait(dataset)
        there = datasets.file(dataset, MANIFEST)
        if not begun and not _is_ours(there, built):
            raise Fault(
                f"There is already a dataset {dataset} that this project did not create.",
                f"It is on {SITE}/datasets/{dataset}. {_FREE_NAME}",
            )
        same = there == (DATASET / MANIFEST).read_bytes()
        if same and not datasets.missing_files(dataset, DATASET):
            note(f"The dataset {dataset} is on Kaggle already.")
            return
    _check_files()
    write_json(DATASET / datasets.METADATA, built.about_dataset)
    pushes.save(known)  # so that the next push knows whose the dataset is
    size = sum(path.stat().st_size for path in DATASET.rglob("*") if path.is_file())
    note(f"Uploading the dataset {dataset} ({size / 1e6:.1f} MB) ...")
    quiet = not sys.stderr.isatty()
    if exists:
        datasets.add_version(DATASET, f"MANIFEST.json {built.manifest[:12]}", quiet)
    else:
        datasets.create(DATASET, quiet)
    datasets.wait(dataset)
    if missing := datasets.missing_files(dataset, DATASET):
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if missing[5:] else "")
        raise Fault(
            f"The upload of {shown} failed: the dataset {dataset} is not complete.",
            "Run the same command again: it makes a new version of the dataset.",
        )
    if datasets.file(dataset, MANIFEST) != (DATASET / MANIFEST).read_bytes():
        raise Fault(f"The dataset {dataset} holds an older version still.", f"Wait. {AGAIN}")


def _is_ours(manifest: bytes | None, built: Built) -> bool:
    """Return whether a dataset's MANIFEST.json was written for this competition."""
    try:
        return bool(json.loads(manifest or b"{}").get("competition") == built.competition)
    except (ValueError, AttributeError):
        return False


def _check_files() -> None:
    """Raise `Fault` unless every file is the one that was built."""
    files = json.loads((DATASET / MANIFEST).read_text(encoding="utf-8"))["files"]
    for name, about in files.items():
        if file_digest(DATASET / name) != about["sha256"]:
            raise Fault(f"{DATASET / name} was changed.", "Run `compete kernel build` again.")


def _push_notebook(built: Built, known: list[Push]) -> None:
    """See that the latest version of the notebook on Kaggle is what was built."""
    latest, there = known[-1], kernel.find(built.kernel)
    if there and not any(cell.startswith(built.mark) for cell in there.cells):
        raise Fault(
            f"There is already a notebook {built.kernel} that this project did not create.",
            f"It is on {SITE}/code/{built.kernel}. {_FREE_NAME}",
        )
    failed = {push.kernel_version for push in known if push.state == "error"}
    if there and latest.kernel_version == there.version:
        note(f"Version {there.version} of {built.kernel} is on Kaggle already.")
        return
    if there and _is_same(there, built) and there.version not in failed:
        latest.kernel_version = there.version  # the push that was killed had reached Kaggle
    else:
        note(f"Pushing the notebook {built.kernel} ...")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_json(folder / "kernel-metadata.json", built.about_kernel)
            write_json(folder / built.about_kernel["code_file"], built.notebook)
            latest.kernel_version = kernel.push(folder)
    latest.state = "running"
    pushes.save(known)


def _is_same(there: kernel.RemoteKernel, built: Built) -> bool:
    """Return whether the notebook on Kaggle and what it attaches are what was built."""
    about = built.about_kernel
    return (
        there.cells == built.cells
        and set(there.datasets) == set(about.get("dataset_sources", []))
        and set(there.competitions) == set(about.get("competition_sources", []))
        and there.internet == bool(about.get("enable_internet", True))
    )


def _await_run(built: Built, known: list[Push]) -> None:
    latest = known[-1]
    assert latest.kernel_version is not None
    failure = kernel.wait(built.kernel, latest.kernel_version)
    latest.file = None if failure else kernel.submission_file(built.kernel)
    latest.error = failure or (None if latest.file else f"no {', '.join(kernel.SUBMISSIONS)}")
    latest.state = "error" if latest.error else "complete"
    pushes.save(known)
    if not latest.error:
        return
    log = kernel.log(built.kernel)
    write_text(LOG, log)
    note(kernel.relevant_end(log))
    raise Fault(
        f"Version {latest.kernel_version} of {built.kernel} ended in {latest.error}.",
        f"{LOG} holds its whole log. Correct that, run `compete kernel build`, and push again; "
        f"unchanged, it is pushed as it is in {NOTEBOOK}.",
    )
