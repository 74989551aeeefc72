"""What the notebook on Kaggle calls: the project's own prediction, on the data that lies there."""

import importlib
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from compete import project
from compete.files import CONTRACT, PROCESSED, RAW, write_json
from compete.kaggle.unpack import unpack_inside
from compete.kernels.options import Options

REPORT = "COMPETE_KAGGLE_REPORT"
"""The environment variable that names the file into which a rehearsal wants the times told."""

_SAFETY = 0.9  # of the time that the competition gives


def predict(files: Path, data: Path, working: Path) -> Any:
    """Predict the test rows and write `submission.csv`, by the code of `compete predict`.

    Args:
        files: the folder `project` of the data set that `compete kernel build` wrote.
        data: the folder of the competition's data.
        working: where the submission goes.

    Returns:
        How it went: rows and seconds.
    """
    submission = (working / "submission.csv").absolute()
    options = enter(files, data)
    made = project.workflow_module("hidden").predict_hidden(
        submission,
        seconds=_SAFETY * 3600 * options.hours,
        precision=options.precision,
        batch_size=options.batch_size,
    )
    if report := os.environ.get(REPORT):
        write_json(Path(report), asdict(made))
    return made


def enter(files: Path, data: Path, *, changes_data: bool = False) -> Options:
    """Make a project's folder of the read-only inputs, and work in it from now on.

    Args:
        files: the folder `project` of the data set.
        data: the folder of the competition's data.
        changes_data: whether files of the data will be replaced.

    Returns:
        What `compete kernel build` was asked for.
    """
    files, data = files.absolute(), data.absolute()
    here = Path(tempfile.mkdtemp(prefix="compete-"))
    for path in files.iterdir():
        if path.name not in (PROCESSED.parts[0], CONTRACT.name):
            _lay(path, here / path.name)
    # What is written anew, by replacing a file, lies in folders of our own.
    shutil.copyfile(files / CONTRACT, here / CONTRACT)
    _mirror(files / PROCESSED, here / PROCESSED)
    # Kaggle keeps archives packed, `compete download` does not.
    if changes_data or any(data.glob("*.zip")):
        _mirror(data, here / RAW)
        for archive in (here / RAW).glob("*.zip"):
            unpack_inside(archive)
    else:
        _lay(data, here / RAW)
    os.chdir(here)
    sys.path.insert(0, str(here / "src"))
    importlib.invalidate_caches()
    project.package.cache_clear()
    return Options.read(Options.FILE) or Options()


def _mirror(source: Path, target: Path) -> None:
    """Make the folders of `source` anew, with links to its files."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        if path.is_dir():
            _mirror(path, target / path.name)
        else:
            _lay(path, target / path.name)


def _lay(source: Path, target: Path) -> None:
    """Link to a file or a folder, or copy it where links are not allowed."""
    try:
        target.symlink_to(source, target_is_directory=source.is_dir())
    except OSError:
        copy: Any = shutil.copytree if source.is_dir() else shutil.copyfile
        copy(source, target)
