"""Takes files apart: what is in archives, documents, notebooks, databases and tables.

The format is told by the first bytes, never by the name. Nothing is executed, nor written to disk,
and no more than `Budget` says comes out of one file.
"""

from collections.abc import Callable, Iterator

import polars as pl

from compete.portfolio.extraction import archives, documents, pickles, tables, texts
from compete.portfolio.extraction.parts import Budget, File, Part, Text, Unread, UnreadableError

__all__ = ["File", "Part", "Text", "Unread", "extract"]

_MAX_DEPTH = 6  # files within files
Reader = Callable[[bytes, Budget], Iterator[Part]]
_READERS: tuple[tuple[bytes, str, Reader], ...] = (
    (b"PK\3\4", "archive", archives.read_zip),
    (b"\x1f\x8b", "archive", archives.read_gzip),
    (b"BZh", "archive", archives.read_bzip2),
    (b"\xfd7zXZ\0", "archive", archives.read_xz),
    (b"x\x01", "archive", archives.read_zlib),
    (b"x\x9c", "archive", archives.read_zlib),
    (b"x\xda", "archive", archives.read_zlib),
    (b"SQLite format 3\0", "database", tables.read_sqlite),
    (b"PAR1", "table", tables.read_parquet),
    (b"ARROW1", "table", tables.read_arrow),
    (b"\xff\xff\xff\xff", "table", tables.read_arrow_stream),
    (b"Obj\1", "table", tables.read_avro),
    (b"\x93NUMPY", "array", tables.read_npy),
    (b"\x80\2", "pickle", pickles.read_pickle),
    (b"\x80\3", "pickle", pickles.read_pickle),
    (b"\x80\4", "pickle", pickles.read_pickle),
    (b"\x80\5", "pickle", pickles.read_pickle),
    (b"%PDF-", "PDF", documents.read_pdf),
)
_UNKNOWN = (
    (b"7z\xbc\xaf'\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\x04\x22\x4d\x18", "an LZ4 archive"),
    (b"\xd0\xcf\x11\xe0", "an old or encrypted Office document"),
    (b"\x89HDF", "an HDF5 file"),
    (b"ORC", "an ORC table"),
    (b"FEA1", "an old Feather table"),
)
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")


def is_image(content: bytes) -> bool:
    """Return whether a file begins like an image of a kind that is compared."""
    return content.startswith(_IMAGES) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def extract(
    content: bytes, budget: Budget | None = None, place: str = "", depth: int = 0
) -> Iterator[Part]:
    """Yield a file itself and everything in it, recursively.

    Args:
        content: its bytes.
        budget: what may still come out of it.
        place: where it is inside another file.
        depth: how many files it is in.
    """
    budget = budget or Budget()
    yield File(place, content)
    kind, reader = _reader(content)
    if reader is None:
        return
    if depth >= _MAX_DEPTH and kind != "text":
        yield Unread(place, f"it is nested {depth} levels deep")
        return
    try:
        for part in reader(content, budget):
            inner = place + part.place
            if isinstance(part, File):
                # Bytes that are a value in a table or a pickle need not be a file.
                if part.place or _reader(part.content)[0] != "file":
                    yield from extract(part.content, budget, inner, depth + 1)
            else:
                yield part._replace(place=inner)
    except UnreadableError as error:
        yield Unread(place, str(error))
    except (Exception, pl.exceptions.PanicException):  # whatever damage leads the libraries to
        yield Unread(place, f"a damaged {kind}")
        yield from texts.read_unknown(content)


def _reader(content: bytes) -> tuple[str, Reader | None]:
    """Return what a file is, and what takes it apart; nothing does for images."""
    for magic, kind, reader in _READERS:
        if content.startswith(magic):
            return kind, reader
    if content[257:262] == b"ustar":
        return "archive", archives.read_tar
    if is_image(content):
        return "image", None
    if texts.is_text(content):
        return "text", lambda content, _: texts.read_text(content)
    for magic, words in _UNKNOWN:
        if content.startswith(magic):
            return words, _unknown(words)
    return "file", _unknown("a file of unknown format")


def _unknown(words: str) -> Reader:
    """Return what yields the texts that lie open in a file, and says that there may be more."""

    def read(content: bytes, _: Budget) -> Iterator[Part]:
        yield Unread("", words)
        yield from texts.read_unknown(content)

    return read
