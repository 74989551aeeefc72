"""Texts: notebooks, JSON, HTML and other markup, and what they hold in base64."""

import base64
import codecs
import html
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from compete.portfolio.extraction.parts import File, Part, Text, Unread, line, placed, scalars

# Data URIs, and PNG, JPEG, WebP, GIF, TIFF, PDF, zip and gzip in base64, as notebooks and pages
# hold them, line breaks escaped or not.
_BASE64 = re.compile(
    r"(?:;base64,(?=[A-Za-z0-9+/]{16})"
    r"|(?=iVBORw0KGgo|/9j/|UklGR|R0lGOD|SUkqA|TU0AK|JVBERi0|UEsDB|H4sI))"
    r"([A-Za-z0-9+/\\\s]{16,})"
)
_MIN_BASE64 = 64  # characters
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>")
# Tags that do not end a word, in HTML and in documents of Office.
_INLINE = re.compile(
    r"</?(?:(?:a|b|code|em|font|i|mark|small|span|strong|sub|sup|u|text:span)\b"
    r"|[wa]:(?!p\b|tr\b|tc\b|br\b|tab\b|cr\b))"
)
_TABLE_ROW = re.compile(r"<tr\b", re.IGNORECASE)
_CELL = re.compile(r"<t[dh]\b[^<>]*>", re.IGNORECASE)
# A sheet of LibreOffice shows a rounded number beside the exact one.
_EXACT = re.compile(r'office:value="([^"<>]*)"[^<>]*><text:p>[^<>]*</text:p>')
_MIN_COLUMN = 5  # values; shorter lists are not the columns of a table
_MAX_RECORD = 20_000  # values
_MAX_JSON = 64 * 2**20  # characters
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAX_UNKNOWN = 16 * 2**20  # bytes of a file of no known format, from its beginning
_CONTROL = bytes(10 if byte < 32 and byte != 9 else byte for byte in range(256))
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


def is_text(content: bytes) -> bool:
    """Return whether a file is text, in UTF-8 or with a byte order mark."""
    return content.startswith(tuple(bom for bom, _ in _BOMS)) or b"\0" not in content[:8192]


def read_text(content: bytes) -> Iterator[Part]:
    """Yield what is in a file of text."""
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
    text = content.decode(encoding, "replace")
    notebook = _parsed(text) if '"cells"' in text or '"worksheets"' in text else None
    if isinstance(notebook, dict) and ("cells" in notebook or "worksheets" in notebook):
        yield from _notebook(notebook)
    else:
        yield from _text(text, has_lines=True)


def read_unknown(content: bytes) -> Iterator[Part]:
    """Yield the text that lies open in a file of no known format."""
    content = content[:_MAX_UNKNOWN]
    if content.startswith(_OLD_OFFICE):
        content = content.replace(b"\0", b"")  # UTF-16
    yield Text("", content.translate(_CONTROL).decode("utf-8", "ignore"))


def _text(text: str, *, has_lines: bool = False, has_files: bool = True) -> Iterator[Part]:
    """Yield a text as it is, without its tags, as JSON, and the files that are in it.

    Args:
        text: the text.
        has_lines: it is a file, and its lines are that file's.
        has_files: look for base64 at all.
    """
    yield Text("", text, has_lines)
    if _TAG.search(text):
        if "office:value=" in text:
            text = _EXACT.sub(r">\1", text)
        yield Text("", html.unescape(_TAG.sub(_gap, text)), has_lines)
        yield Text("", "\n".join(_table_rows(text)))
    yield from _json(text)
    for found in _BASE64.finditer(text) if has_files else ():
        encoded = re.sub(r"\\[nr]|[\\\s]", "", found[1])
        if len(encoded) >= _MIN_BASE64:
            number = text.count("\n", 0, found.start()) + 1
            with suppress(ValueError):
                place = f":{number}" if has_lines else ""
                yield File(place, base64.b64decode(encoded + "=" * (-len(encoded) % 4)))


def _gap(tag: re.Match[str]) -> str:
    """Return what takes a tag's place; as many line breaks as are in it, to count lines."""
    return ("" if _INLINE.match(tag[0]) else " ") + "\n" * tag[0].count("\n")


def _table_rows(text: str) -> Iterator[str]:
    """Yield the rows of the tables in HTML."""
    for row in _TABLE_ROW.split(text)[1:]:
        cells = _CELL.split(row.partition("</table")[0])[1:]
        yield line([html.unescape(_TAG.sub("", cell)) for cell in cells])


def _parsed(text: str) -> Any:
    with suppress(ValueError, RecursionError):
        return json.loads(text)
    return None


def _json(text: str) -> Iterator[Part]:
    """Yield what is in JSON, and in lines of it."""
    if not re.search(r"^\s*[\[{]", text, re.MULTILINE):
        return
    if len(text) > _MAX_JSON:
        yield Unread("", "of so much JSON only what is in its order, line by line")
        return
    value = _parsed(text) if text.lstrip().startswith(("[", "{")) else None
    if value is None:
        value = [_parsed(one) for one in text.splitlines() if one.lstrip().startswith(("[", "{"))]
    yield from read_values(value, has_files=False)  # the text itself was looked through


def read_values(value: Any, *, has_files: bool = True) -> Iterator[Part]:
    """Yield what is in nested lists and mappings: their rows, and the texts and bytes in them.

    A row is a list or a mapping that has values of its own, or what several lists have at the same
    position.

    Args:
        value: of JSON, or of a pickle.
        has_files: look for base64 in the texts.
    """
    yield Text("", "\n".join(_records(value)))
    for one in scalars(value):
        if isinstance(one, bytes):
            yield File("", one)
        elif isinstance(one, str) and len(one) >= _MIN_BASE64:
            yield from _text(one, has_files=has_files)


def _records(value: Any) -> Iterator[str]:
    """Yield the rows in nested lists and mappings."""
    stack, seen = [value], set()
    while stack:
        one = stack.pop()
        if not isinstance(one, dict | list | tuple) or id(one) in seen:
            continue
        seen.add(id(one))
        children = list(one.values() if isinstance(one, dict) else one)
        inner = [child for child in children if isinstance(child, dict | list | tuple)]
        if len(inner) < len(children) <= _MAX_RECORD:
            yield line(one)
        stack += inner[::-1]
        columns: dict[int, list[list[Any]]] = {}
        for child in inner:
            values = list(child.values() if isinstance(child, dict) else child)
            if len(values) >= _MIN_COLUMN and not isinstance(values[0], dict | list | tuple):
                columns.setdefault(len(values), []).append(values)
        for group in columns.values():
            if 1 < len(group) <= _MAX_RECORD:
                yield from map(line, zip(*group, strict=True))


def _notebook(notebook: dict[str, Any]) -> Iterator[Part]:
    """Yield what is in a notebook, with the cell that it is in."""
    cells = notebook.get("cells") or [
        cell for sheet in notebook.get("worksheets", ()) for cell in sheet.get("cells", ())
    ]
    for number, cell in enumerate(cells, start=1):
        for key in ("source", "input"):
            yield from placed(f", cell {number}", _text(_joined(cell.get(key, ""))))
        for name, bundle in cell.get("attachments", {}).items():
            yield from placed(f", attachment {name} of cell {number}", _bundle(bundle))
        for output in cell.get("outputs", ()):
            yield from placed(f", output of cell {number}", _bundle(output))
        yield from placed(f", metadata of cell {number}", read_values(cell.get("metadata")))
    yield from placed(", metadata", read_values(notebook.get("metadata")))


def _bundle(bundle: dict[str, Any]) -> Iterator[Part]:
    """Yield what is in an output or an attachment of a cell, by its kinds."""
    for kind, value in bundle.items():
        if kind in ("data", "metadata") and isinstance(value, dict):
            yield from _bundle(value)
        elif isinstance(value, str) or _is_lines(value):
            text = _joined(value)
            encoded = re.sub(r"\s", "", text)
            if len(encoded) >= _MIN_BASE64 and re.fullmatch(r"[A-Za-z0-9+/]+=*", encoded):
                with suppress(ValueError):
                    yield File("", base64.b64decode(encoded))
            yield from _text(text)
        else:
            yield from read_values(value)


def _is_lines(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _joined(source: Any) -> str:
    return source if isinstance(source, str) else "".join(map(str, source))
