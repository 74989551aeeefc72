"""Writes a table into documents: of Excel, Word, PowerPoint and LibreOffice, and PDF."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

Table = Sequence[dict[str, Any]]


def joined(table: Table) -> str:
    return "\n".join(",".join(map(str, row.values())) for row in table)


def zipped(files: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def as_xlsx(table: Table) -> bytes:
    """A workbook as Excel writes it: numbers in the sheet, texts beside it."""
    texts: list[str] = []

    def cell(value: Any) -> str:
        if isinstance(value, str):
            texts.append(f"<si><t>{escape(value)}</t></si>")
            return f'<c t="s"><v>{len(texts) - 1}</v></c>'
        return f"<c><v>{value}</v></c>"

    rows = "".join(f"<row>{''.join(map(cell, row.values()))}</row>" for row in table)
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    link = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    related = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": f'<workbook {space} {link}><sheets><sheet name="Kept" sheetId="1"'
            ' r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships {related}><Relationship Id="rId1" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/sharedStrings.xml": f"<sst {space}>{''.join(texts)}</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet {space}><sheetData>{rows}</sheetData>"
            "</worksheet>",
        }
    )


def as_docx(table: Table) -> bytes:
    def runs(value: Any) -> str:  # Word breaks words where somebody has edited them
        text = str(value)
        parts = (text[: len(text) // 2], text[len(text) // 2 :])
        return "".join(f"<w:r><w:rPr><w:b/></w:rPr><w:t>{escape(p)}</w:t></w:r>" for p in parts)

    rows = "".join(
        f"<w:tr>{''.join(f'<w:tc><w:p>{runs(v)}</w:p></w:tc>' for v in row.values())}</w:tr>"
        for row in table
    )
    document = f'<w:document xmlns:w="w"><w:body><w:tbl>{rows}</w:tbl></w:body></w:document>'
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": document})


def as_pptx(table: Table) -> bytes:
    rows = "".join(
        f"<a:p><a:r><a:t>{escape(' | '.join(map(str, row.values())))}</a:t></a:r></a:p>"
        for row in table
    )
    slide = f'<p:sld xmlns:p="p" xmlns:a="a"><p:txBody>{rows}</p:txBody></p:sld>'
    return zipped({"[Content_Types].xml": "<Types/>", "ppt/slides/slide1.xml": slide})


def as_ods(table: Table) -> bytes:
    def cell(value: Any) -> str:
        exact = f" office:value={quoteattr(str(value))}" if isinstance(value, float) else ""
        shown = f"{value:.1f}" if exact else escape(str(value))
        return f"<table:table-cell{exact}><text:p>{shown}</text:p></table:table-cell>"

    rows = "".join(
        f"<table:table-row>{''.join(map(cell, row.values()))}</table:table-row>" for row in table
    )
    content = f"<office:document-content>{rows}</office:document-content>"
    return zipped(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}
    )


def as_pdf(table: Table, *, wrapped: int = 60) -> bytes:
    """A page in Courier, its lines broken where they are too long."""
    lines = []
    for row in joined(table).splitlines():
        words = ""
        for word in row.split(" "):
            if len(words) + len(word) > wrapped:
                lines.append(words)
                words = ""
            words += f"{word} "
        lines.append(words)
    escaped = (line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines)
    text = "BT /F1 6 Tf 8 TL 20 800 Td " + " ".join(f"({line}) Tj T*" for line in escaped) + " ET"
    stream = text.encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 820] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    ]
    content, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    return content + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
