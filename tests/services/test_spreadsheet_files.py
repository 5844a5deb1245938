"""Workbooks, read back by another program's reader."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from siprems_backend.services import spreadsheet_files
from siprems_backend.services.export_files import Column
from siprems_backend.services.spreadsheet_files import xlsx_chunks
from siprems_backend.utils.spreadsheet_cell import harmless

COLUMNS = (
    Column("sku", "text"),
    Column("units", "number"),
    Column("sold", "flag"),
    Column("day", "date"),
    Column("made_at", "moment"),
)
NOON = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)


def _read(content: bytes) -> list[list[Any]]:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return sheet.to_python(skip_empty_area=False)


def test_every_kind_of_cell_is_read_back() -> None:
    rows = [
        ('A&B <1> "x"', 1.5, True, dt.date(2026, 2, 28), NOON),
        ("=1+1", float("nan"), False, dt.date(1850, 1, 1), NOON),
        ("  Crème ", None, None, None, None),
    ]
    content = b"".join(xlsx_chunks("Plan", COLUMNS, [rows]))
    assert _read(content) == [
        [column.name for column in COLUMNS],
        ['A&B <1> "x"', 1.5, True, dt.date(2026, 2, 28), "2026-11-26T12:00:00Z"],
        ["'=1+1", "", False, "1850-01-01", "2026-11-26T12:00:00Z"],
        ["  Crème ", "", "", "", ""],
    ]
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None


def test_an_empty_table_is_a_workbook() -> None:
    assert _read(b"".join(xlsx_chunks("Plan", COLUMNS, []))) == [[column.name for column in COLUMNS]]


@settings(max_examples=30, deadline=None)
@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip), max_size=8
    ),
    size=st.integers(1, 3),
)
def test_any_text_survives(texts: list[str], size: int) -> None:
    rows = [(text,) for text in texts]
    batches = [rows[place : place + size] for place in range(0, len(rows), size)]
    read = _read(b"".join(xlsx_chunks("Plan", [Column("text", "text")], batches)))
    expected = [harmless(text) for text in texts]
    assert [row[0] for row in read[1:]] == expected


def test_it_is_sent_in_pieces() -> None:
    batches = [[(f"{place * 7919 % 100_003} {number}",) for place in range(20_000)] for number in range(3)]
    pieces = list(xlsx_chunks("Plan", [Column("text", "text")], batches))
    assert {len(piece) for piece in pieces[:-1]} == {spreadsheet_files.PIECE}
    assert len(_read(b"".join(pieces))) == 60_001
