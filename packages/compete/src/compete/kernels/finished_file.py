"""The notebook that hands over a finished file: an agent, or a zip of images."""

import base64
from pathlib import Path

from compete import project
from compete.errors import Fault
from compete.files import atomic_path, file_digest, note
from compete.kaggle.submission import is_code_competition
from compete.kaggle_image import load_image
from compete.kernels.folder import (
    DATASET,
    NOTEBOOK,
    describe_dataset,
    describe_notebook,
    note_accepts_files,
)
from compete.kernels.notebook import write_notebook
from compete.kernels.options import Options
from compete.verdict import SubmissionFacts

_ENCODED = "submission.base64"
_ON_KAGGLE = {"main.py": "submission.py"}  # else by the same name
_UNUSED = "--half, --accelerator, --hours, --memory, --precision and --batch-size"


def load_facts() -> SubmissionFacts:
    """Return what is sent, and where. Raise `Fault` if nothing was predicted yet."""
    facts: SubmissionFacts = project.workflow_module("validate").submission_facts()
    if not facts.file.is_file():
        raise Fault(f"There is no file {facts.file}.", "Run `compete predict` first.")
    return facts


def name_on_kaggle(file: Path) -> str:
    """Return the name under which a notebook writes a submission."""
    return _ON_KAGGLE.get(file.name, file.name)


def build_file(options: Options) -> None:
    """Write `kernel/dataset`, which holds the submission, and `kernel/notebook`.

    Args:
        options: the default ones, since nothing is predicted on Kaggle.

    Raises:
        Fault: there is no submission yet, or an option has no effect.
    """
    if options != Options():
        raise Fault(
            "The notebook of this project hands over a finished file and predicts nothing, so "
            f"{_UNUSED} have no effect.",
            "Leave them out.",
        )
    facts = load_facts()
    name, sha256 = name_on_kaggle(facts.file), file_digest(facts.file)
    with atomic_path(DATASET) as folder:
        folder.mkdir(parents=True)
        # As text, since Kaggle unpacks the archives of a data set.
        (folder / _ENCODED).write_bytes(base64.b64encode(facts.file.read_bytes()))
        describe_dataset(folder, facts.slug, load_image(), sha256)
    with atomic_path(NOTEBOOK) as folder:
        placeholders = {"SUBMISSION_FILE": name, "SUBMISSION_SHA256": sha256}
        write_notebook("hand_over.py", folder, placeholders, installs=False)
        describe_notebook(folder, facts.slug, options)
    note(f"  file      {name}, {facts.file.stat().st_size / 1e6:.1f} MB, that of {facts.file}")
    note(f"Wrote {DATASET} and {NOTEBOOK}.")
    if not is_code_competition():
        note_accepts_files(facts.slug)
