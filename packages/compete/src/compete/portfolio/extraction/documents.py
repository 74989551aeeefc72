"""Documents: workbooks of Excel, and PDF."""

import io
import logging
import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any
from xml.etree import ElementTree

from compete.portfolio.extraction.parts import (
    TOO_MUCH,
    Budget,
    File,
    Part,
    Text,
    Unread,
    UnreadableError,
    line,
)

_MAX_PAGES = 500
_WORKBOOK = "xl/workbook.xml"


def read_workbook(archive: zipfile.ZipFile, names: set[str]) -> Iterator[Part]:
    """Yield the sheets of a workbook of Excel; nothing for other archives.

    Other documents need no more than their XML without its tags, but a sheet only numbers its
    texts, which another file holds.

    Args:
        archive: the workbook.
        names: the files in it that are not too large.
    """
    if _WORKBOOK not in names:
        return
    shared = []
    if "xl/sharedStrings.xml" in names:
        root = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        shared = [_words(item) for item in root.iter() if _tag(item) == "si"]
    titles = _titles(archive, names)
    for name in sorted(names):
        if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
            with archive.open(name) as sheet:
                rows = "\n".join(_sheet_rows(sheet, shared))
            yield Text(f", sheet {titles.get(name, name)}", rows)


def _sheet_rows(sheet: IO[bytes], shared: list[str]) -> Iterator[str]:
    for _, row in ElementTree.iterparse(sheet):
        if _tag(row) == "row":
            yield line([_cell(cell, shared) for cell in row if _tag(cell) == "c"])
            row.clear()


def _titles(archive: zipfile.ZipFile, names: set[str]) -> dict[str, str]:
    """Return the title of each sheet by the file that it is in."""
    relations = "xl/_rels/workbook.xml.rels"
    if relations not in names:
        return {}
    files = {
        one.get("Id"): posixpath.normpath(posixpath.join("/xl", one.get("Target", ""))).strip("/")
        for one in ElementTree.fromstring(archive.read(relations))
    }
    titles = {}
    for sheet in ElementTree.fromstring(archive.read(_WORKBOOK)).iter():
        if _tag(sheet) == "sheet":
            key = next((value for name, value in sheet.items() if name.endswith("}id")), None)
            titles[files.get(key, "")] = sheet.get("name", "")
    return titles


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _words(element: Any) -> str:
    """Return the text of a cell, without how it is pronounced."""
    return "".join(one.text or "" for one in element.iter() if _tag(one) == "t")


def _cell(cell: Any, shared: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _words(cell)
    value = next((one.text or "" for one in cell if _tag(one) == "v"), "")
    return shared[int(value)] if kind == "s" and value else value


def read_pdf(content: bytes, budget: Budget) -> Iterator[Part]:
    """Yield text, images and attached files of a PDF."""
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of each oddity
    reader = pypdf.PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableError("an encrypted PDF")
    for name, files in reader.attachments.items():
        for file in files:
            yield _file(f":{name}", file, budget)
    pages = len(reader.pages)
    if pages > _MAX_PAGES:
        yield Unread("", f"only the first {_MAX_PAGES} of {pages} pages are read")
    for number, page in zip(range(1, min(pages, _MAX_PAGES) + 1), reader.pages, strict=False):
        place = f", page {number}"
        try:
            yield Text(place, page.extract_text())
            for image in page.images:
                yield _file(place, image.data, budget)
        except UnreadableError:
            raise
        except Exception:  # pypdf raises whatever a damaged page leads it to
            yield Unread(place, "damaged, or with images of an unusual kind")


def _file(place: str, content: bytes, budget: Budget) -> File:
    if not budget.take(len(content)):
        raise UnreadableError(TOO_MUCH)
    return File(place, content)
