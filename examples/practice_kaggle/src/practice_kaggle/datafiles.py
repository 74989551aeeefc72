"""The files under data/ that a competition serves, one by one or as one zip."""

import hashlib
import json
import os
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

# Compressed already.
_PACKED = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".zip", ".gz", ".npz", ".parquet", ".7z"}


@dataclass(frozen=True)
class DataFile:
    """A served file: its name with forward slashes, its size in bytes, its time of change."""

    name: str
    path: Path
    bytes: int
    changed: float


def data_files(folder: Path) -> list[DataFile]:
    """Return the files under data/ of a practice folder by name; hidden ones are not served."""
    root = folder / "data"
    found = []
    for parent, directories, names in os.walk(root):
        directories[:] = sorted(d for d in directories if not d.startswith("."))
        for name in names:
            if not name.startswith("."):
                path = Path(parent, name)
                stat = path.stat()
                relative = path.relative_to(root).as_posix()
                found.append(DataFile(relative, path, stat.st_size, stat.st_mtime))
    return sorted(found, key=lambda file: file.name)


def sample_submission(folder: Path) -> Path | None:
    """Return the sample submission among the served files, if there is one."""
    found = sorted((folder / "data").glob("*submission*.csv"))
    return found[0] if found else None


def bundle(folder: Path, cache: Path, name: str) -> Path:
    """Return a zip of all data files, made once, and again only after a change.

    The same files give the same bytes, so a download begun before a restart can be resumed.

    Args:
        folder: the practice folder.
        cache: where the zip is kept.
        name: of the zip, without its suffix.
    """
    files = data_files(folder)
    listing = json.dumps([[f.name, f.bytes, f.changed] for f in files])
    mark = hashlib.sha256(listing.encode()).hexdigest()[:16]
    target = cache / mark / f"{name}.zip"
    if not target.exists():
        _write_zip(files, target)
    return target


def zipped(file: DataFile, cache: Path) -> Path:
    """Return one file as `<name>.zip`, the way Kaggle serves a large CSV; kept in `cache`."""
    mark = hashlib.sha256(f"{file.name} {file.bytes} {file.changed}".encode()).hexdigest()[:16]
    target = cache / mark / f"{file.path.name}.zip"
    if not target.exists():
        _write_zip([file], target)
    return target


def _write_zip(files: list[DataFile], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w") as archive:
            for file in files:
                stamp = datetime.fromtimestamp(max(file.changed, 315_619_200), UTC)
                entry = zipfile.ZipInfo(file.name, stamp.timetuple()[:6])
                packed = file.path.suffix.lower() in _PACKED
                entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                entry.file_size = file.bytes  # lets zipfile choose zip64 in time
                with file.path.open("rb") as source, archive.open(entry, "w") as sink:
                    while block := source.read(1 << 20):
                        sink.write(block)
        # The time of the newest file, so that Last-Modified and ETag survive a rebuilt cache.
        changed = max((file.changed for file in files), default=0.0)
        os.utime(temporary, (changed, changed))
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
