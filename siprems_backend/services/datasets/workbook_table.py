"""Excel workbooks: the first sheet, whose first row with anything in it names the columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from siprems_backend.services.datasets.table import column_names
from siprems_backend.services.datasets.text_table import Batches, TextTable
from siprems_backend.services.imports.columns import FileRefused
from siprems_backend.services.imports.formats import check_workbook

BATCH_ROWS = 10_000


def workbook_table(path: Path) -> TextTable:
    """Open a workbook.

    Raises:
        FileRefused: damaged, too large, empty, or without usable names of columns.
        UnsupportedFile: an archive of something else.
    """
    # Only those who read workbooks load their reader.
    from python_calamine import CalamineError, CalamineWorkbook

    check_workbook(path)
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    except (CalamineError, IndexError):
        raise FileRefused("The workbook cannot be read; save it again and send that.") from None
    header = next(_filled(sheet), None)
    if header is None:
        raise FileRefused("The first sheet is empty; its first row must name the columns.")
    names = column_names([_text(cell) for cell in header])
    return TextTable(names, lambda: _batches(sheet, names))


def _batches(sheet: Any, names: list[str]) -> Batches:
    import pyarrow as pa  # Only workers load it.

    rows, read = islice(_filled(sheet), 1, None), 0
    while batch := list(islice(rows, BATCH_ROWS)):
        columns = [pa.array(map(_text, cells), pa.string()) for cells in zip(*batch, strict=True)]
        read += len(batch)
        yield pa.RecordBatch.from_arrays(columns, names=names), min(1.0, read / max(1, sheet.height))


def _filled(sheet: Any) -> Iterator[list[Any]]:
    """Rows with anything in them, all of the sheet's width."""
    return (row for row in sheet.iter_rows() if any(cell != "" for cell in row))


def _text(cell: Any) -> str:
    """A cell as a CSV file would have it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, dt.datetime | dt.date | dt.time) else str(cell)
