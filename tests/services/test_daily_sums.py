"""Daily sums are the sums of the days' lines, whatever happens to the lines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from siprems_backend.errors import Conflict
from siprems_backend.extensions.database import Database
from siprems_backend.models import sales as sales_table
from siprems_backend.models.products import Product
from siprems_backend.models.sales import DailySales, Transaction
from siprems_backend.services import sales
from siprems_backend.services.sales import Item
from tests.factories import make_product

FIRST = dt.date(2024, 1, 1)
QUANTITIES = st.decimals(-20, 20, places=4, allow_nan=False).filter(bool)
LINES = st.tuples(st.sampled_from("ABC"), QUANTITIES, st.integers(0, 2), st.booleans())
SALES = st.lists(LINES, min_size=1, max_size=4)


def summed(database: Database) -> list[tuple[object, ...]]:
    """What the sums must be, computed from the lines."""
    amount = func.coalesce(func.sum(func.round(Transaction.quantity * Transaction.unit_price, 4)), 0)
    with database.reading() as session:
        rows = session.execute(
            select(
                Transaction.product_id,
                Transaction.date,
                func.sum(Transaction.quantity),
                func.bool_or(Transaction.is_promo),
                amount,
            )
            .group_by(Transaction.product_id, Transaction.date)
            .order_by(Transaction.product_id, Transaction.date)
        )
        return [(row[0], row[1], float(row[2]), row[3], float(row[4])) for row in rows]


def kept(database: Database) -> list[tuple[object, ...]]:
    """What the sums are."""
    with database.reading() as session:
        rows = session.execute(select(DailySales).order_by(DailySales.product_id, DailySales.date)).scalars()
        return [(row.product_id, row.date, row.quantity, row.promo, row.revenue) for row in rows]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(receipts=st.lists(SALES, max_size=8))
def test_sums_equal_the_lines_after_any_sales_and_returns(
    database: Database, receipts: list[list[tuple[str, Decimal, int, bool]]]
) -> None:
    with database.transaction() as session:
        session.execute(delete(Product))
    for sku, price in (("A", 1.25), ("B", None), ("C", 0.3333)):
        make_product(database, sku, stock=30, price=price)
    expected = {sku: Decimal(30) for sku in "ABC"}
    for number, lines in enumerate(receipts):
        items = [Item(sku, quantity, is_promo=promo) for sku, quantity, _, promo in lines]
        day = FIRST + dt.timedelta(days=lines[0][2])
        try:
            if len(items) == 1 and number % 2:
                sales.sell(items[0], day, None)
            else:
                sales.checkout(items, day, None)
        except Conflict:
            continue
        for item in items:
            expected[item.product_sku] -= item.quantity
    assert kept(database) == summed(database)
    with database.reading() as session:
        stocks = dict(session.execute(select(Product.sku, Product.stock)).all())
    assert stocks == {sku: float(quantity) for sku, quantity in expected.items()}
    assert min(stocks.values()) >= 0


def test_a_day_without_lines_has_no_sum(database: Database) -> None:
    product = make_product(database, "A", stock=10)
    other = make_product(database, "B", stock=10)
    sales.checkout([Item("A", Decimal(1)), Item("B", Decimal(2))], FIRST, None)
    sales.sell(Item("A", Decimal(3)), FIRST + dt.timedelta(days=1), None)
    with database.transaction() as session:
        session.execute(delete(Transaction).where(Transaction.date == FIRST))
        sales_table.refresh_daily(session, [(product.id, FIRST), (other.id, FIRST), (product.id, FIRST)])
    assert kept(database) == [(product.id, FIRST + dt.timedelta(days=1), 3, False, 0)]
    assert kept(database) == summed(database)


def test_nothing_to_sum_is_nothing_to_do(database: Database) -> None:
    with database.transaction() as session:
        sales_table.refresh_daily(session, [])
    assert kept(database) == []


def test_lines_that_cancel_out_leave_a_day_of_zero(database: Database) -> None:
    product = make_product(database, "A", stock=0)
    sales.checkout([Item("A", Decimal(5)), Item("A", Decimal(-5))], FIRST, None)
    assert kept(database) == [(product.id, FIRST, 0, False, 0)]
