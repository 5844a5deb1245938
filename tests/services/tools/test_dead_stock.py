"""The report on what lies."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import update

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import Database
from siprems_backend.models.products import Product
from tests import factories
from tests.services.tools.conftest import RunTool

UNTIL = dt.date(2026, 6, 30)


@pytest.fixture
def shop(database: Database) -> None:
    """What sells, what stopped 45 and 200 days ago, what is far too much, and what never sold."""
    for sku, stock, idle, cost, price in (
        ("SELLS", 30, 0, 2.0, 4.0),
        ("SLOW", 10, 45, 2.0, None),
        ("DEAD", 5, 200, None, 7.0),
        ("TOO MUCH", 5000, 0, 1.0, 2.0),
        ("UNPRICED", 3, 200, None, None),
    ):
        product = factories.make_product(
            database, sku, stock=stock, cost=cost, price=price, category="A" if sku < "SM" else None
        )
        factories.sell(database, product, [2.0] * 100, until=UNTIL - dt.timedelta(days=idle))
    factories.make_product(database, "NEVER", stock=8, cost=1)
    factories.make_product(database, "OLD", stock=8, cost=3)
    factories.make_product(database, "SOLD OUT", stock=0, cost=3)
    with database.transaction() as session:
        session.execute(update(Product).values(created_at=dt.datetime(2026, 6, 25, tzinfo=dt.UTC)))
        old = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
        session.execute(update(Product).where(Product.sku == "OLD").values(created_at=old))


def test_stock_is_told_apart(run_tool: RunTool, shop: None) -> None:
    made = run_tool("dead_stock")
    rows = made.rows()
    assert [(row["sku"], row["state"]) for row in rows] == [
        ("DEAD", "dead"),
        ("OLD", "dead"),
        ("UNPRICED", "dead"),
        ("SLOW", "slow"),
        ("TOO MUCH", "too much"),
        ("SELLS", "fine"),
        ("NEVER", "fine"),
    ]
    by_sku = {row["sku"]: row for row in rows}
    assert (by_sku["DEAD"]["value"], by_sku["DEAD"]["idle_days"], by_sku["DEAD"]["cover_days"]) == (
        "35",
        "201",
        "",
    )
    assert (by_sku["OLD"]["last_sale"], by_sku["UNPRICED"]["value"]) == ("", "")
    assert float(by_sku["SELLS"]["cover_days"]) == pytest.approx(15.0, rel=0.02)
    assert float(by_sku["TOO MUCH"]["excess_value"]) == pytest.approx(5000 - 2 * 180, rel=0.01)
    assert float(by_sku["SLOW"]["excess_value"]) == 20.0
    assert made.summary["dead"] == {"products": 3, "value": 59.0}
    assert made.summary["value"] == 60 + 20 + 35 + 5000 + 8 + 24
    text = made.page().text
    assert "3 products are dead, 1 product is slow, 1 product is overstocked" in text
    assert "1 product has neither cost nor price and counts for nothing" in text
    assert "never" in text


def test_limits_are_the_users(run_tool: RunTool, shop: None) -> None:
    strict = run_tool("dead_stock", slow_after_days=1, dead_after_days=40, cover_days=10)
    assert {row["sku"]: row["state"] for row in strict.rows()}["SELLS"] == "slow"
    mild = run_tool("dead_stock", slow_after_days=300, dead_after_days=3000, cover_days=3650)
    states = {row["sku"]: row["state"] for row in mild.rows()}
    assert (states["SLOW"], states["TOO MUCH"], states["NEVER"]) == ("fine", "fine", "fine")
    # Of what sold nothing in a quarter any stock is too much.
    assert (states["DEAD"], states["UNPRICED"]) == ("too much", "too much")
    with pytest.raises(Invalid) as refused:
        run_tool("dead_stock", slow_after_days=90)
    assert "Must be above slow_after_days" in str(refused.value.fields)


def test_nothing_to_report_is_said(run_tool: RunTool, database: Database) -> None:
    assert "No product matches" in run_tool("dead_stock").page().text
    product = factories.make_product(database, "A", stock=0)
    assert "no product" not in run_tool("dead_stock").page().text
    assert "None of these products has any stock" in run_tool("dead_stock").page().text
    factories.sell(database, product, [2.0] * 30, until=UNTIL)
    with database.transaction() as session:
        session.execute(update(Product).values(stock=10))
    assert "Well done" in run_tool("dead_stock").page().text
