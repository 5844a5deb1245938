"""Files of every format, well-formed and not."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from siprems_backend.errors import UnsupportedFile
from siprems_backend.services.imports.columns import FileRefused
from siprems_backend.services.imports.readers import open_table
from siprems_backend.services.imports.rows import Checked, Rejection, RowChecker
from siprems_backend.services.imports.sales import COLUMNS
from tests.services.imports.conftest import packed

LARGEST = 1024**2
EXPECTED = [("0042", dt.date(2024, 1, 2), 3.0), ("A/B", dt.date(2024, 1, 3), -1.5)]
TEXT = "sku,date,quantity\n0042,2024-01-02,3\nA/B,2024-01-03,-1.5\n"


def read(path: Path, content: bytes | None = None) -> tuple[list[tuple[Any, ...]], list[Rejection], Any]:
    """Accepted (sku, date, quantity) rows, rejected rows, and the table."""
    if content is not None:
        path.write_bytes(content)
    rows: list[tuple[Any, ...]] = []
    rejected: list[Rejection] = []
    with open_table(path, COLUMNS, LARGEST) as table:
        checker = RowChecker(COLUMNS)
        for chunk in table.chunks:
            checked: Checked = checker.check(chunk)
            columns = (checked.columns[name] for name in ("sku", "date", "quantity"))
            rows.extend(zip(*columns, strict=True))
            rejected.extend(checked.rejected)
    return rows, rejected, table


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        packed(TEXT.encode()),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("utf-16"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace(",", "|").encode(),
        TEXT.replace("A/B", '"A/B"').encode(),
        TEXT.replace("\n", "\n\n").encode(),
        TEXT.rstrip().encode(),
        b"Date;Product-SKU;Note; QTY \n2024-01-02;0042;x;3\n2024-01-03;A/B;;-1.5\n",
    ],
    ids=[
        "plain",
        "gzip",
        "mark",
        "utf16",
        "crlf",
        "semicolon",
        "tab",
        "bar",
        "quoted",
        "blank",
        "open",
        "aliases",
    ],
)
def test_text_files(tmp_path: Path, content: bytes) -> None:
    rows, rejected, _ = read(tmp_path / "any.name", content)
    assert rows == EXPECTED
    assert rejected == []


def test_windows_text_is_read_and_said(tmp_path: Path) -> None:
    content = "sku,date,quantity\nCrème brûlée,2024-01-02,3\n".encode("cp1252")
    rows, _, table = read(tmp_path / "f", content)
    assert rows[0][0] == "Crème brûlée"
    assert table.details["encoding"] == "cp1252"


def test_a_quote_and_a_separator_inside_a_cell(tmp_path: Path) -> None:
    rows, _, _ = read(tmp_path / "f", b'sku,date,quantity\n"12"" PLATE, BLUE",2024-01-02,3\n')
    assert rows[0][0] == '12" PLATE, BLUE'


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    content = (
        b'sku,date,quantity,note\n\nA,2024-01-02,1,"two\nlines"\n'
        b"B,2024-01-02,x,\nC,2024-01-02\nD,2024-01-02,1,,9\n"
    )
    rows, rejected, _ = read(tmp_path / "f", content)
    assert [row[0] for row in rows] == ["A"]
    assert [(row.line, row.column) for row in rejected] == [(5, "quantity"), (6, "quantity"), (7, "")]


def test_a_quote_in_the_middle_costs_one_row(tmp_path: Path) -> None:
    rows, rejected, _ = read(tmp_path / "f", b'sku,date,quantity\n"A"x,2024-01-02,1\nB,2024-01-02,1\n')
    assert [row[0] for row in rows] == ["B"]
    assert rejected[0].line == 2


@pytest.mark.parametrize(
    "content",
    [
        b" ",
        b"\n\n",
        b"sku,date\nA,2024-01-01\n",
        b"sku,sku,date,quantity\n",
        b'sku,date,quantity\n"A,2024-01-02,1\nB,2024-01-02,1\n',
        b'sku,date,quantity\n"' + b"x" * 200_000 + b"\n",
        b"sku,date,quantity," + b"x" * 1_000_001,
        packed(TEXT.encode())[:-9],
        packed(b"sku,date,quantity\n" + b"0" * (21 * LARGEST)),
        b"PAR1 and nothing else",
        b"PK\x03\x04 and nothing else",
    ],
    ids=["blank", "lines", "missing", "twice", "quote", "cell", "long", "cut", "bomb", "parquet", "zip"],
)
def test_files_that_are_refused_as_a_whole(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        read(tmp_path / "f.csv", content)
    assert str(tmp_path) not in refused.value.message


def test_the_refusal_names_the_missing_columns(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"'quantity'.*sku, date, amount") as refused:
        read(tmp_path / "f", b"sku,date,amount\n")
    assert set(refused.value.fields) == {"quantity"}


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n\x00\x00", b"\xd0\xcf\x11\xe0old excel", packed(b"tar\x00\x00"), b"\x1f\x8bnot gzip"],
)
def test_other_files_are_not_supported(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnsupportedFile):
        read(tmp_path / "f.csv", content)


@pytest.mark.parametrize(
    "dates",
    [
        pa.array([dt.date(2024, 1, 2), dt.date(2024, 1, 3)]),
        pa.array(["2024-01-02", "2024-01-03"]),
        pa.array([dt.datetime(2024, 1, 2, 13), dt.datetime(2024, 1, 3)], pa.timestamp("ns")),
    ],
    ids=["date", "text", "nanoseconds"],
)
def test_parquet(tmp_path: Path, dates: pa.Array) -> None:
    skus = pa.array(["0042", "A/B"]).dictionary_encode()
    table = pa.table({"sku": skus, "ds": dates, "quantity": [3.0, -1.5], "extra": [[1], [2]]})
    parquet.write_table(table, tmp_path / "f")
    rows, rejected, opened = read(tmp_path / "f")
    assert rows == EXPECTED
    assert rejected == []
    assert opened.layout.ignored == ("extra",)


def test_parquet_rows_are_rejected_by_number(tmp_path: Path) -> None:
    table = pa.table({"sku": [1, None], "date": ["2024-01-02"] * 2, "quantity": [float("nan"), 1.0]})
    parquet.write_table(table, tmp_path / "f")
    _, rejected, _ = read(tmp_path / "f")
    assert [(row.line, row.column) for row in rejected] == [(1, "quantity"), (2, "sku")]


def test_parquet_with_lists_is_refused(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"sku": [["A"]], "date": ["2024-01-02"], "quantity": [1]}), tmp_path / "f")
    with pytest.raises(FileRefused, match="lists"):
        read(tmp_path / "f")


def test_xlsx(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for place, row in enumerate(
        [
            ("sku", "date", "quantity"),
            ("0042", dt.date(2024, 1, 2), 3),
            (None, None, None),
            ("A/B", "2024-01-03", -1.5),
        ]
    ):
        for column, value in enumerate(row):
            sheet.cell(3 + place, 2 + column, value)
    sheet.cell(7, 2, 22423)
    sheet.cell(7, 3, dt.time(9, 30))
    book.save(tmp_path / "f")
    rows, rejected, table = read(tmp_path / "f")
    assert rows == EXPECTED
    assert [(row.line, row.column, row.value) for row in rejected] == [(7, "date", "09:30:00")]
    assert table.details == {"sheet": "Sheet"}


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "f")
    with pytest.raises(FileRefused, match="empty"):
        read(tmp_path / "f")


def test_a_cell_far_outside_does_not_fill_the_memory(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "sku"
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "f")
    with pytest.raises(FileRefused, match="far outside"):
        read(tmp_path / "f")


def test_another_archive_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "f", "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(UnsupportedFile):
        read(tmp_path / "f")


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("siprems_backend.services.imports.formats.LARGEST_WORKBOOK", 1000)
    book = openpyxl.Workbook()
    book.active["A1"] = "sku"
    book.save(tmp_path / "f")
    with pytest.raises(FileRefused, match="too much"):
        read(tmp_path / "f")
