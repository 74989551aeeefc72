"""An agent as files: main.py alone, or an archive with main.py at its root."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from compete.errors import Fault, first_line

MAIN = "main.py"
ARCHIVE = Path("submissions/submission.tar.gz")
"""What `compete predict` writes."""
_ENDINGS = (".py", ".tar.gz")
_REMEDY = "Run `compete predict`, or write an archive with main.py at its root."


def is_agent_file(name: str) -> bool:
    """Return whether a name is that of a file that Kaggle can run as an agent."""
    return name.endswith(_ENDINGS)


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a `submission.tar.gz` of files by name, the same bytes for the same files."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            member = tarfile.TarInfo(name)  # without owner and time
            member.size = len(files[name])
            archive.addfile(member, io.BytesIO(files[name]))
    return gzip.compress(plain.getvalue(), mtime=0)


def unpack(file: Path, folder: Path) -> Path:
    """Put an agent's files into a folder of their own, as Kaggle does.

    Args:
        file: a Python file, which becomes main.py, or an archive.
        folder: where the files go; it is made.

    Returns:
        The path of main.py.

    Raises:
        Fault: there is no such file; or the archive is broken, leads out of the folder, or has no
            main.py at its root.
    """
    if not file.is_file():
        raise Fault(f"There is no file {file}.", "Run `compete predict`, or name another file.")
    if not is_agent_file(file.name):
        raise Fault(f"{file} is not an agent: its name must end in .py or .tar.gz.", _REMEDY)
    folder.mkdir(parents=True)
    main = folder / MAIN
    if file.suffix == ".py":
        main.write_bytes(file.read_bytes())
        return main
    try:
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Fault(f"{file} can't be unpacked: {first_line(error)}.", _REMEDY) from None
    if not main.is_file():
        found = ", ".join(sorted(path.name for path in folder.iterdir())[:5]) or "nothing"
        raise Fault(f"{file} has no main.py at its root, but {found}.", _REMEDY)
    return main
