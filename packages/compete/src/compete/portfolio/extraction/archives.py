"""Archives and compressed files: zip, tar, gzip, bzip2, xz and zlib."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress

from compete.portfolio.extraction import documents
from compete.portfolio.extraction.parts import (
    TOO_MUCH,
    Budget,
    File,
    Part,
    Unread,
    UnreadableError,
)
from compete.portfolio.extraction.tables import is_npy, load_npy, read_columns

_MEMORY = 256 * 2**20  # bytes that xz may use


def read_zip(content: bytes, budget: Budget) -> Iterator[Part]:
    """Yield the files in a zip archive, and the cells of a workbook."""
    arrays, names = [], set()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            place = f":{entry.filename}"
            if entry.is_dir():
                continue
            if entry.flag_bits & 1:
                yield Unread(place, "encrypted")
            elif not budget.take(entry.file_size):
                yield Unread(place, TOO_MUCH)
                if not budget.files:
                    return
            else:
                try:
                    file = archive.read(entry)
                except (NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError):
                    yield Unread(place, "damaged, or compressed in an unusual way")
                    continue
                names.add(entry.filename)
                yield File(place, file)
                with suppress(ValueError, TypeError, LookupError, struct.error):
                    if is_npy(file) and (array := load_npy(file)) is not None:
                        arrays.append(array)
        yield from documents.read_workbook(archive, names)
    yield from read_columns(arrays)  # which NumPy's savez makes a file of each


def read_tar(content: bytes, budget: Budget) -> Iterator[Part]:
    """Yield the files in a tar archive."""
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for member in archive:
            if not member.isfile():
                continue
            if not budget.take(member.size):
                yield Unread(f":{member.name}", TOO_MUCH)
                if not budget.files:
                    return
            elif opened := archive.extractfile(member):
                yield File(f":{member.name}", opened.read())


def read_gzip(content: bytes, budget: Budget) -> Iterator[Part]:
    """Yield what gzip packed."""
    yield _unpacked(gzip.GzipFile(fileobj=io.BytesIO(content)).read(budget.size + 1), budget)


def read_bzip2(content: bytes, budget: Budget) -> Iterator[Part]:
    """Yield what bzip2 packed."""
    yield _unpacked(bz2.BZ2File(io.BytesIO(content)).read(budget.size + 1), budget)


def read_xz(content: bytes, budget: Budget) -> Iterator[Part]:
    """Yield what xz packed."""
    unpacker = lzma.LZMADecompressor(memlimit=_MEMORY)
    yield _unpacked(unpacker.decompress(content, budget.size + 1), budget)


def read_zlib(content: bytes, budget: Budget) -> Iterator[Part]:
    """Yield what zlib packed, as joblib does with its pickles."""
    yield _unpacked(zlib.decompressobj().decompress(content, budget.size + 1), budget)


def _unpacked(content: bytes, budget: Budget) -> File:
    if not budget.take(len(content)):
        raise UnreadableError(TOO_MUCH)
    return File(":unpacked", content)
