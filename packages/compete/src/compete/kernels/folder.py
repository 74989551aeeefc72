"""`kernel/`: where the data set and the notebook lie, and what Kaggle is told of both."""

import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

from compete import project
from compete.files import KERNEL, file_digest, note, write_json
from compete.kaggle_image import KaggleImage
from compete.kernels.options import MACHINES, Options

DATASET, NOTEBOOK = KERNEL / "dataset", KERNEL / "notebook"
MANIFEST = "MANIFEST.json"
ENGINE = "compete"
OWNER = "USERNAME"
"""Stands for the user's name on Kaggle until it is pushed."""


def names() -> tuple[str, str]:
    """Return the slugs of the data set and of the notebook, which are their titles too."""
    try:
        name = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        name = project.package()
    slug = re.sub(r"[^a-z0-9]+", "-", str(name).lower()).strip("-")[:40].strip("-")
    return f"{slug}-files", f"{slug}-predict"


def describe_dataset(
    folder: Path, competition: str, image: KaggleImage, submission: str | None = None
) -> None:
    """Write what Kaggle is told of a data set, and the manifest of its files.

    The manifest has the SHA-256 and the bytes of each file, by which an upload is checked. No time
    is in it: what is built again without a change is not pushed again.

    Args:
        folder: of the data set, which is complete.
        competition: its slug.
        image: of which it makes use.
        submission: the SHA-256 of the file that the notebook writes, if that is finished already.
    """
    files = {
        path.relative_to(folder).as_posix(): {
            "sha256": file_digest(path),
            "size": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = {
        "competition": competition,
        "engine": metadata.version(ENGINE),
        "python": image.python,
        "image": image.source,
        "submission": submission,
        "files": files,
    }
    write_json(folder / MANIFEST, manifest)
    name, _ = names()
    about = {"title": name, "id": f"{OWNER}/{name}", "licenses": [{"name": "other"}]}
    write_json(folder / "dataset-metadata.json", about)  # not of the manifest: a push changes it


def note_accepts_files(slug: str) -> None:
    """Say that a competition accepts files, so that it needs no notebook."""
    note(f"{slug} accepts files too: `compete submit` is simpler.")


def describe_notebook(folder: Path, competition: str, options: Options) -> None:
    """Write what Kaggle is told of a notebook.

    Args:
        folder: of the notebook.
        competition: its slug.
        options: which machine it runs on.
    """
    dataset, kernel = names()
    machine = MACHINES[options.accelerator]
    about: dict[str, Any] = {
        "id": f"{OWNER}/{kernel}",
        "title": kernel,
        "code_file": "notebook.ipynb",
        "language": "python",
        "kernel_type": "notebook",
        "is_private": True,
        "enable_gpu": bool(machine),
        "enable_tpu": False,
        "enable_internet": False,
        "dataset_sources": [f"{OWNER}/{dataset}"],
        "competition_sources": [competition],
        "kernel_sources": [],
        "model_sources": [],
    }
    write_json(
        folder / "kernel-metadata.json", about | ({"machine_shape": machine} if machine else {})
    )
