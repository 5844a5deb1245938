"""Tables written as XLSX row by row: a row that is written takes no memory any more."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from siprems_backend.services.export_files import Batches, Column, Kind
from siprems_backend.utils import clock
from siprems_backend.utils.spreadsheet_cell import harmless

# A sheet has 1,048,576 rows, one of which is the header; what is beyond goes on in a further sheet.
ROWS_A_SHEET = 1_048_575
LONGEST_TEXT = 32_767
WIDTHS: dict[Kind, int] = {"text": 24, "number": 12, "flag": 10, "date": 12, "moment": 20}
# Bytes of a file that are sent at a time.
PIECE = 1 << 16
# Text is text, whatever it looks like; only Excel's own formulas are formulas.
AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_xlsx(path: Path, title: str, columns: Sequence[Column], batches: Batches) -> int:
    """Write a table; how many rows it has. Scratch files lie in the folder that TMPDIR names."""
    return write_sheets(path, [Sheet(title, columns, batches)])


def xlsx_chunks(title: str, columns: Sequence[Column], batches: Batches) -> Iterator[bytes]:
    """The bytes of a workbook with a table, piece by piece once it is whole: its list of parts comes last."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        write_xlsx(path, title, columns, batches)
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece


@dataclass(frozen=True)
class Sheet:
    """A table of a workbook; titles are distinct, without `[]:*?/\\`, and have at most 31 characters."""

    title: str
    columns: Sequence[Column]
    batches: Batches


def write_sheets(path: Path, sheets: Iterable[Sheet]) -> int:
    """Write tables one after the other, each on a sheet of its own; how many rows they have."""
    # Most processes never write a workbook.
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True, **AS_TEXT}) as book:
        return sum(_fill(book, sheet) for sheet in sheets)


def _fill(book: Any, table: Sheet) -> int:
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    writers = [_WRITERS[column.kind] for column in table.columns]
    sheet, rows = _new_sheet(book, table.title, table.columns), 0
    for batch in table.batches:
        for row in batch:
            place = rows % ROWS_A_SHEET
            if rows and place == 0:
                sheet = _new_sheet(book, f"{table.title} {rows // ROWS_A_SHEET + 1}", table.columns)
            for column, (write, cell) in enumerate(zip(writers, row, strict=True)):
                if cell is not None:
                    write(sheet, place + 1, column, cell, day)
            rows += 1
    return rows


def _new_sheet(book: Any, title: str, columns: Sequence[Column]) -> Any:
    sheet, bold = book.add_worksheet(title), book.add_format({"bold": True})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, WIDTHS[column.kind])
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, [column.name for column in columns], bold)
    return sheet


def _text(sheet: Any, row: int, column: int, value: Any, _day: Any) -> None:
    sheet.write_string(row, column, harmless(str(value))[:LONGEST_TEXT])


def _number(sheet: Any, row: int, column: int, value: float, _day: Any) -> None:
    if math.isfinite(value):
        sheet.write_number(row, column, value)


def _flag(sheet: Any, row: int, column: int, value: bool, _day: Any) -> None:
    sheet.write_boolean(row, column, value)


def _date(sheet: Any, row: int, column: int, value: Any, day: Any) -> None:
    if value.year < 1900:
        # Excel's calendar begins in 1900.
        sheet.write_string(row, column, value.isoformat())
    else:
        sheet.write_datetime(row, column, value, day)


def _moment(sheet: Any, row: int, column: int, value: Any, _day: Any) -> None:
    # Excel knows no time zones.
    sheet.write_string(row, column, clock.iso(value))


_WRITERS: dict[Kind, Callable[[Any, int, int, Any, Any], None]] = {
    "text": _text,
    "number": _number,
    "flag": _flag,
    "date": _date,
    "moment": _moment,
}
