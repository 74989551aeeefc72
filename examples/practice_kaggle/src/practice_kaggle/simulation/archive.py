"""Unpacks a submitted agent: a Python file, or a tar with main.py at its root."""

import shutil
import tarfile
from pathlib import Path

from ..errors import BadSubmission

MAIN = "main.py"
_MOST_UNPACKED = 4 * 2**30  # bytes: a small archive may hold endless zeros


def unpack(submission: Path, folder: Path) -> Path:
    """Put an agent's files into a folder of their own.

    Args:
        submission: the file as it was uploaded, whatever its name.
        folder: where the files go; it is made.

    Returns:
        The path of main.py.

    Raises:
        BadSubmission: the archive is damaged, leads out of the folder, or has no main.py.
    """
    folder.mkdir(parents=True)
    main = folder / MAIN
    if not tarfile.is_tarfile(submission):
        shutil.copyfile(submission, main)
        return main
    try:
        with tarfile.open(submission) as archive:
            members = archive.getmembers()
            if sum(member.size for member in members) > _MOST_UNPACKED:
                raise BadSubmission("The archive is too large when it is unpacked")
            archive.extractall(folder, members, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BadSubmission(f"The archive could not be unpacked: {error}") from None
    if not main.is_file():
        raise BadSubmission(f"{MAIN} was not found at the root of the archive")
    return main
