"""Which files are tables, by their names, and how packed ones are unpacked."""

import bz2
import gzip
import lzma
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

TYPED = (".json", ".jsonl", ".ndjson", ".feather", ".arrow", ".parquet")
KINDS = (".csv", ".tsv", *TYPED)


def _unzip(content: bytes) -> bytes:
    with ZipFile(BytesIO(content)) as archive:
        names = _tables_inside(archive)
        if len(names) != 1:
            raise BadZipFile(f"it holds {len(names)} tables, not one")
        return archive.read(names[0])


UNPACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
    ".zip": _unzip,
}


def is_table(path: Path) -> bool:
    """Return whether a file's name says that it is a table that can be read."""
    return kind(path) in KINDS


def stem(path: Path) -> str:
    """Return a table's name without its suffixes, in lower case: `train` of `Train.csv.gz`."""
    name = path.with_suffix("") if path.suffix.lower() in UNPACK else path
    return name.stem.lower()


def kind(path: Path) -> str:
    """Return the suffix that tells a file's format, in lower case: `.csv` of `train.csv.gz`."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes and suffixes[-1] in UNPACK:
        packed = suffixes.pop()
        if packed == ".zip" and (not suffixes or suffixes[-1] not in KINDS):  # `train.zip`
            return _kind_inside(path)
    return suffixes[-1] if suffixes else ""


def _kind_inside(path: Path) -> str:
    """Return the suffix of the one table in an archive, if it holds just one."""
    try:
        with ZipFile(path) as archive:
            names = _tables_inside(archive)
    except (BadZipFile, OSError):
        return ""
    return Path(names[0]).suffix.lower() if len(names) == 1 else ""


def _tables_inside(archive: ZipFile) -> list[str]:
    names = [name for name in archive.namelist() if Path(name).suffix.lower() in KINDS]
    return [name for name in names if not name.startswith("__MACOSX")]


def content_of(path: Path) -> bytes:
    """Return a file's bytes, unpacked."""
    content = path.read_bytes()
    unpack = UNPACK.get(path.suffix.lower())
    return unpack(content) if unpack else content
