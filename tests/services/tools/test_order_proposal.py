"""The proposal of what to order, by supplier."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from siprems_backend.extensions.database import Database
from siprems_backend.services.replenishment import parameters, refreshing, suppliers, views
from siprems_backend.services.tools.order_proposal.report import _title
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import PageRequest
from tests.services.replenishment.forecasts import sold_product
from tests.services.tools.conftest import Report, RunTool

TODAY = clock.today()
NASTY = "=Mills/[A]: <b>?*"


@pytest.fixture
def shop(database: Database) -> None:
    """Products of two suppliers and of none; one is well supplied."""
    for sku, stock, cost in (("BREAD", 25, 2), ("ROLL", 60, None), ("CAKE", 5, 4), ("PLENTY", 900, 1)):
        sold_product(database, sku, stock=stock, cost=cost, price=6, category="Bakery", abc="A")
    suppliers.create({"name": NASTY, "minimum_order_value": Decimal(1000)}, None)
    suppliers.create({"name": "Cakes"}, None)
    parameters.change_product("BREAD", {"supplier": NASTY, "pack_size": 12}, None)
    parameters.change_product("PLENTY", {"supplier": NASTY}, None)
    parameters.change_product("CAKE", {"supplier": "Cakes"}, None)
    refreshing.freshen()


def _sheets(made: Report) -> dict[str, list[tuple[object, ...]]]:
    book = load_workbook(made.folder / "order_proposal.xlsx", read_only=True)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def test_each_supplier_has_a_sheet(run_tool: RunTool, shop: None) -> None:
    made = run_tool("order_proposal")
    assert made.names == ["order_proposal.html", "order_proposal.csv", "order_proposal.xlsx"]
    planned = {line.sku: line for line in views.page(PageRequest(1, 200)).items if line.recommended > 0}
    assert set(planned) == {"BREAD", "ROLL", "CAKE"}
    assert made.summary == {
        "plan_date": str(TODAY),
        "orders": 3,
        "lines": 3,
        "urgent": sum(line.urgency_name == "high" for line in planned.values()),
        "units": sum(line.recommended for line in planned.values()),
        "value": planned["BREAD"].value + planned["CAKE"].value,
        "below_minimum": 1,
    }
    sheets = _sheets(made)
    assert list(sheets) == ["Overview", "Cakes", "=Mills  A   <b>", "No supplier"]
    overview = {row[0]: row for row in sheets["Overview"][1:]}
    assert overview["Cakes"][1:5] == (1, 1, planned["CAKE"].recommended, planned["CAKE"].value)
    assert overview["No supplier"][7] == 1
    order = sheets["=Mills  A   <b>"]
    line = dict(zip(order[0], order[1], strict=True))
    bread = planned["BREAD"]
    assert (line["sku"], line["order"], line["pack_size"]) == ("BREAD", bread.recommended, 12)
    assert line["packs"] == bread.recommended / 12
    assert line["order_by"] == dt.datetime.combine(TODAY, dt.time())
    assert line["reason"] == bread.reason


def test_the_page_names_minimums_and_what_is_unknown(run_tool: RunTool, shop: None) -> None:
    made = run_tool("order_proposal")
    page = made.page()
    assert NASTY in page.text
    assert " are missing to the minimum of 1,000 that this supplier takes" in page.text
    assert "These products have no supplier" in page.text
    assert "1 line of unknown cost is not counted" in page.text
    assert "script" not in page.tags
    assert [row["sku"] for row in made.rows()] == ["CAKE", "BREAD", "ROLL"]


def test_it_is_narrowed(run_tool: RunTool, shop: None) -> None:
    assert run_tool("order_proposal", supplier="Cakes").summary["lines"] == 1
    assert run_tool("order_proposal", abc="A").summary["lines"] == 3
    none = run_tool("order_proposal", abc="B")
    assert none.summary["lines"] == 0
    assert "Nothing has to be ordered of what was asked for" in none.page().text
    assert list(_sheets(none)) == ["Overview"]


def test_without_a_plan_it_says_so(run_tool: RunTool, database: Database) -> None:
    assert "There is no plan yet" in run_tool("order_proposal").page().text


def test_names_of_sheets_are_those_that_excel_takes() -> None:
    taken = {"overview"}
    names = ["A/B", "a b", "x" * 40, "x" * 50, "'", "History", "OVERVIEW"]
    titles = [_title(name, taken) for name in names]
    assert titles == ["A B", "a b 2", "x" * 31, "x" * 29 + " 2", "Supplier", "History 1", "OVERVIEW 2"]
