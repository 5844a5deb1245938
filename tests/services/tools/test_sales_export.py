"""The export of sales as files."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pyarrow import parquet

from siprems_backend.errors import Invalid, NotFound
from siprems_backend.extensions.database import Database
from siprems_backend.services import exports, sales, spreadsheet_files
from siprems_backend.services.export_files import Column
from siprems_backend.services.sales import Item
from siprems_backend.services.tool_runner import execution, registry
from siprems_backend.services.tool_runner.parameters import checked
from tests import factories

DAY = dt.date(2024, 1, 1)
FORMULA = '=HYPERLINK("http://x";"y")'
Rows = list[dict[str, Any]]
Export = Callable[..., tuple[dict[str, Any], Rows]]


@pytest.fixture
def shop(database: Database) -> Database:
    """Three products, one of them named to do harm, sold on ten days."""
    factories.make_product(database, "A/B é", stock=100, category="Bread")
    factories.make_product(database, FORMULA, stock=100, category="Bread")
    factories.make_product(database, "OTHER", stock=100)
    for number in range(30):
        sku = ("A/B é", FORMULA, "OTHER")[number % 3]
        sales.sell(Item(sku, Decimal(number + 1) / 4), DAY + dt.timedelta(days=number // 3), None)
    return database


@pytest.fixture
def export(shop: Database, tmp_path: Path) -> Export:
    """Runs the tool in this process; its summary, and the rows of its file."""

    def run(**parameters: Any) -> tuple[dict[str, Any], Rows]:
        tool = registry.find("sales_export")
        final = checked(tool, parameters)
        made = execution.execute(tool.name, final, tmp_path, lambda *_report: None)
        (file,) = made["files"]
        path = tmp_path / execution.OUTPUT / file["name"]
        assert path.stat().st_size == file["size_bytes"]
        assert file["name"] == f"sales.{final['format']}"
        return made["summary"], READERS[final["format"]](path)

    return run


def read_csv(path: Path) -> Rows:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def read_parquet(path: Path) -> Rows:
    return parquet.read_table(path).to_pylist()


def read_xlsx(path: Path) -> Rows:
    book = openpyxl.load_workbook(path)
    rows: Rows = []
    for sheet in book.worksheets:
        header, *body = sheet.iter_rows(values_only=True)
        rows += [dict(zip(header, row, strict=True)) for row in body]
        # None of the cells is a formula, whatever it says.
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "b", "d"}
    return rows


READERS = {"csv": read_csv, "parquet": read_parquet, "xlsx": read_xlsx}
FORMATS = pytest.mark.parametrize("file_format", list(READERS))


@FORMATS
@pytest.mark.parametrize("rows_at_a_time", [1, 7, 30, 100])
def test_every_line_is_there_once(
    export: Export, monkeypatch: pytest.MonkeyPatch, file_format: str, rows_at_a_time: int
) -> None:
    monkeypatch.setattr(exports, "ROWS_AT_A_TIME", rows_at_a_time)
    summary, rows = export(format=file_format)
    assert summary == {"rows": 30, "first_date": "2024-01-01", "last_date": "2024-01-10"}
    assert sorted(float(row["quantity"]) for row in rows) == [number / 4 for number in range(1, 31)]
    assert list(rows[0]) == [column.name for column in exports.SALES]
    assert {row["sku"].lstrip("'") for row in rows} == {"A/B é", FORMULA, "OTHER"}


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_formulas_are_made_harmless_where_a_spreadsheet_opens_them(export: Export, file_format: str) -> None:
    _, rows = export(format=file_format, product_skus=[FORMULA])
    assert {row["sku"] for row in rows} == {f"'{FORMULA}"}


@FORMATS
def test_filters_narrow_it(export: Export, file_format: str) -> None:
    summary, rows = export(format=file_format, category="Bread", date_from="2024-01-02", date_to="2024-01-03")
    assert len(rows) == summary["rows"] == 4
    assert {str(row["date"])[:10] for row in rows} == {"2024-01-02", "2024-01-03"}


@FORMATS
def test_nothing_is_a_file_too(export: Export, file_format: str) -> None:
    summary, rows = export(format=file_format, date_from="2030-01-01")
    assert summary == {"rows": 0, "first_date": None, "last_date": None}
    assert rows == []


def test_skus_are_found_as_the_catalogue_has_them(export: Export) -> None:
    _, rows = export(product_skus=["  A/B e\u0301 ", "A/B é"])
    assert {row["sku"] for row in rows} == {"A/B é"}


def test_an_unknown_product_is_named(export: Export) -> None:
    with pytest.raises(NotFound, match="No product with SKU 'X' and 1 more"):
        export(product_skus=["OTHER", "X", "Y"])


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"date_from": "2024-02-01", "date_to": "2024-01-01"}, "parameters.date_to"),
        ({"product_skus": ["A", "B\0"]}, "parameters.product_skus.1"),
        ({"product_skus": ["A", "  "]}, "parameters.product_skus.1"),
        ({"category": "a\nb"}, "parameters.category"),
        ({"product_skus": []}, "parameters.product_skus"),
        ({"format": "pdf"}, "parameters.format"),
    ],
)
def test_what_makes_no_sense_is_refused_by_path(export: Export, parameters: Any, path: str) -> None:
    with pytest.raises(Invalid) as caught:
        export(**parameters)
    assert list(caught.value.fields) == [path]


def test_large_tables_go_on_in_further_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet_files, "ROWS_A_SHEET", 3)
    columns = [Column("n", "number"), Column("day", "date"), Column("flag", "flag"), Column("text", "text")]
    rows = [[number, dt.date(1850 + 50 * number, 1, 1), number % 2 == 0, "a\0b\x1f"] for number in range(7)]
    path = tmp_path / "t.xlsx"
    assert spreadsheet_files.write_xlsx(path, "t", columns, [rows[:2], [], rows[2:]]) == 7
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["t", "t 2", "t 3"]
    assert [sheet.max_row for sheet in book.worksheets] == [4, 4, 2]
    first = list(book["t"].iter_rows(min_row=2, values_only=True))
    assert [row[1] for row in first] == ["1850-01-01", dt.datetime(1900, 1, 1), dt.datetime(1950, 1, 1)]


def test_empty_and_endless_numbers_leave_their_cells_empty(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    values = [[1.5], [None], [float("nan")], [float("inf")]]
    spreadsheet_files.write_xlsx(path, "t", [Column("n", "number")], [values])
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    assert [row[0] for row in sheet.iter_rows(values_only=True)] == ["n", 1.5]
