"""Excel workbooks: the first sheet, whose first row with anything in it names the columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from siprems_backend.services.imports.columns import Column, FileRefused, Layout, find_columns
from siprems_backend.services.imports.formats import check_workbook
from siprems_backend.services.imports.rows import Chunk
from siprems_backend.services.imports.table import CHUNK_ROWS, Table, select_columns
from siprems_backend.services.imports.values import Cell


@contextmanager
def open_xlsx(path: Path, columns: Sequence[Column]) -> Iterator[Table]:
    """Open a workbook.

    Raises:
        FileRefused: damaged, too large, empty, or without a required column.
        UnsupportedFile: an archive of something else.
    """
    # Only those who read workbooks load their reader.
    from python_calamine import CalamineError, CalamineWorkbook

    check_workbook(path)
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    except (CalamineError, IndexError):
        raise FileRefused("The workbook cannot be read; save it again and send that.") from None
    rows = enumerate(sheet.iter_rows(), start=1)
    header = next((row for _, row in rows if any(cell != "" for cell in row)), None)
    if header is None:
        raise FileRefused("The first sheet is empty; its first row must name the columns.")
    layout = find_columns([str(cell) for cell in header], columns)
    yield Table(layout, _chunks(rows, layout, sheet.height), {"sheet": str(sheet.name)})


def _chunks(rows: Iterator[tuple[int, list[Any]]], layout: Layout, height: int) -> Iterator[Chunk]:
    filled = ((line, row) for line, row in rows if any(cell != "" for cell in row))
    while batch := list(islice(filled, CHUNK_ROWS)):
        columns = select_columns(layout, [[_cell(cell) for cell in row] for _, row in batch])
        yield Chunk([line for line, _ in batch], columns, done=min(1.0, batch[-1][0] / max(1, height)))


def _cell(cell: Any) -> Cell:
    """Times of day and durations have no place in these tables; as text they are rejected by their line."""
    return str(cell) if isinstance(cell, dt.time | dt.timedelta) else cell
