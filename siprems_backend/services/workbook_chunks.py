"""Tables as XLSX, sent while they are read: a workbook of one sheet, with the standard library alone.

Web processes have no library for workbooks. Cells are written where they stand (no table of shared texts), so
that nothing has to be known before it is sent.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from siprems_backend.services.export_files import Batches, Column, Kind
from siprems_backend.utils import clock
from siprems_backend.utils.spreadsheet_cell import harmless

LONGEST_TEXT = 32_767
MOST_ROWS = 1_048_575
# Days of Excel's calendar are counted from here (it takes 1900 for a leap year).
EPOCH = date(1899, 12, 30)
# XML knows no other control characters.
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
WIDTHS: dict[Kind, int] = {"text": 24, "number": 12, "flag": 10, "date": 12, "moment": 20}
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{KINDS}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{KINDS}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KINDS}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{LINKS}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{LINKS}"><Relationship Id="rId1" Type="{OFFICE}/worksheet" '
        f'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{OFFICE}/styles" '
        'Target="styles.xml"/></Relationships>'
    ),
    # Formats: 0 plain, 1 date, 2 bold.
    "xl/styles.xml": (
        f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/>'
        '<name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/>'
        '<xf numFmtId="164" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>'
    ),
}


def xlsx_chunks(title: str, columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
    """A workbook whose only sheet has a line of names and the rows.

    Text that a spreadsheet might run as a formula is text here anyway; it has an apostrophe as in CSV.

    Raises:
        ValueError: more rows than a sheet has.
    """
    sink = _Pipe()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in PARTS.items():
            archive.writestr(name, XML + content)
        archive.writestr("xl/workbook.xml", XML + _workbook(title))
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write((XML + _beginning(columns)).encode())
            rows = 1
            for batch in batches:
                rows += len(batch)
                if rows > MOST_ROWS:
                    raise ValueError("A sheet has no room for so many rows; ask for csv.")
                sheet.write(_lines(columns, batch).encode())
                if piece := sink.taken():
                    yield piece
            sheet.write(b"</sheetData></worksheet>")
    yield sink.taken()


class _Pipe(io.RawIOBase):
    """A file that only grows and forgets what was taken from it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _workbook(title: str) -> str:
    name = escape(title, {'"': "&quot;"})
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="{name}" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>"
    )


def _beginning(columns: Sequence[Column]) -> str:
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{WIDTHS[column.kind]}" customWidth="1"/>'
        for place, column in enumerate(columns, start=1)
    )
    names = "".join(f'<c t="inlineStr" s="2"><is><t>{escape(column.name)}</t></is></c>' for column in columns)
    frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        f'<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">{frozen}</sheetView>'
        "</sheetViews>"
        f"<cols>{widths}</cols><sheetData><row>{names}</row>"
    )


def _lines(columns: Sequence[Column], batch: Sequence[Sequence[Any]]) -> str:
    writers = [_WRITERS[column.kind] for column in columns]
    return "".join(
        "<row>"
        + "".join("<c/>" if cell is None else write(cell) for write, cell in zip(writers, row, strict=True))
        + "</row>"
        for row in batch
    )


def _text(value: Any) -> str:
    text = escape(NOT_IN_XML.sub("", harmless(str(value)))[:LONGEST_TEXT])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _number(value: float) -> str:
    return f"<c><v>{value!r}</v></c>" if math.isfinite(value) else "<c/>"


def _flag(value: bool) -> str:
    return f'<c t="b"><v>{int(value)}</v></c>'


def _date(value: date) -> str:
    if value.year < 1900:
        return _text(value.isoformat())
    return f'<c s="1"><v>{(value - EPOCH).days}</v></c>'


def _moment(value: Any) -> str:
    # Excel knows no time zones.
    return _text(clock.iso(value))


_WRITERS: dict[Kind, Callable[[Any], str]] = {
    "text": _text,
    "number": _number,
    "flag": _flag,
    "date": _date,
    "moment": _moment,
}
