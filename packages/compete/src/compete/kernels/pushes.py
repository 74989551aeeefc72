"""What was pushed to Kaggle: `submissions/pushes.jsonl`, a line for each push of `kernel/`."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from compete.errors import Fault
from compete.files import KERNEL, SCORES, digest, file_digest
from compete.kaggle import kernel
from compete.kernels.folder import DATASET, MANIFEST, NOTEBOOK
from compete.records import Scores, read_lines, write_lines

PUSHES = Path("submissions/pushes.jsonl")
_BUILD = "Run `compete kernel build` again."


@dataclass
class Push:
    """One push.

    Args:
        digest: of all that is pushed: the dataset's manifest, the notebook and its metadata.
        manifest: the SHA-256 of the dataset's MANIFEST.json.
        dataset: "owner/slug".
        kernel: "owner/slug".
        state: `uploading` (recorded; Kaggle may have all, some or nothing of it), `running`
            (Kaggle runs this version of the notebook), `complete`, or `error` (the run failed).
        metric: of the cross-validation of the weights that are pushed.
        cv: its score.
        file: what the notebook wrote, to be submitted.
    """

    time: str
    digest: str
    manifest: str
    dataset: str
    kernel: str
    state: str = "uploading"
    dataset_version: int | None = None
    kernel_version: int | None = None
    metric: str | None = None
    cv: float | None = None
    error: str | None = None
    file: str | None = None


@dataclass(frozen=True)
class Built:
    """What `compete kernel build` wrote, for the account that it is pushed to.

    Args:
        competition: its slug.
        manifest: the SHA-256 of the dataset's MANIFEST.json.
        submission: that of the file that the notebook hands over; None: it predicts.
        about_dataset: of dataset-metadata.json, with the owner's name.
        about_kernel: of kernel-metadata.json, with the owner's name.
        notebook: the notebook, with a last cell that names the manifest: so what lies on Kaggle
            tells which dataset it was made for.
    """

    competition: str
    manifest: str
    submission: str | None
    about_dataset: dict[str, Any]
    about_kernel: dict[str, Any]
    notebook: dict[str, Any]

    @property
    def dataset(self) -> str:
        """The dataset, as "owner/slug"."""
        return str(self.about_dataset["id"])

    @property
    def kernel(self) -> str:
        """The notebook, as "owner/slug"."""
        return str(self.about_kernel["id"])

    @property
    def cells(self) -> list[str]:
        """The sources of the notebook's cells."""
        return kernel.cells(json.dumps(self.notebook))

    @property
    def mark(self) -> str:
        """How the last cell begins, by which the notebook is known as this project's."""
        return f"Made for the dataset {self.dataset} "

    @property
    def digest(self) -> str:
        """Fingerprint of all that is pushed."""
        about = json.dumps(self.about_kernel, sort_keys=True)
        return digest([self.dataset, self.manifest, about, *self.cells])

    def new_push(self) -> Push:
        """Return a record of its push, with the score of the weights that were built in."""
        scores = Scores.read(DATASET / "project" / SCORES)
        return Push(
            time=datetime.now(UTC).isoformat(timespec="seconds"),
            digest=self.digest,
            manifest=self.manifest,
            dataset=self.dataset,
            kernel=self.kernel,
            metric=scores.cv.metric if scores else None,
            cv=scores.cv.score if scores else None,
        )


def read_built(owner: str) -> Built:
    """Return what was built.

    Args:
        owner: the account on Kaggle.

    Raises:
        Fault: nothing was built, or it was edited so that Kaggle's client would refuse it.
    """
    manifest = DATASET / MANIFEST
    if not manifest.is_file() or not (NOTEBOOK / "kernel-metadata.json").is_file():
        raise Fault(f"Nothing is built in {KERNEL}.", "Run `compete kernel build` first.")
    made = _read(manifest)
    for name, about in made["files"].items():
        path = DATASET / name
        if not path.is_file() or path.stat().st_size != about["size"]:
            raise Fault(f"{path} is not the file that was built.", _BUILD)
    dataset = _owned(_read(DATASET / "dataset-metadata.json"), owner)
    about = _owned(_read(NOTEBOOK / "kernel-metadata.json"), owner)
    mine = dataset["id"].partition("/")[2]
    about["dataset_sources"] = [
        f"{owner}/{mine}" if source.partition("/")[2] == mine else source
        for source in about.get("dataset_sources", [])
    ]
    for value in (mine, str(dataset.get("title", ""))):
        if not 6 <= len(value) <= 50:
            raise Fault(
                f"Kaggle wants 6 to 50 characters for the name of a dataset, and {value!r} has "
                f"{len(value)}.",
                "Shorten `name` in pyproject.toml, then run `uv sync` and `compete kernel build`.",
            )
    notebook = _read(NOTEBOOK / about["code_file"])
    sha = file_digest(manifest)
    built = Built(made["competition"], sha, made.get("submission"), dataset, about, notebook)
    told = f"{built.mark}with the manifest {sha}."
    cell = {"cell_type": "markdown", "id": "manifest", "metadata": {}, "source": told}
    notebook["cells"].append(cell)
    return built


def load() -> list[Push]:
    """Return all pushes, the oldest first. Raise `Fault` for a line that is not one."""
    return read_lines(PUSHES, Push, "the record of a push")


def save(pushes: list[Push]) -> None:
    """Write all pushes, whole or not at all."""
    write_lines(PUSHES, pushes)


def _owned(about: dict[str, Any], owner: str) -> dict[str, Any]:
    """Name the owner, whom a build does not know."""
    return about | {"id": f"{owner}/{str(about['id']).rpartition('/')[2]}"}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Fault(f"{path} is missing, or is no JSON.", _BUILD) from None
    if not isinstance(found, dict):
        raise Fault(f"{path} holds no keys.", _BUILD)
    return found
