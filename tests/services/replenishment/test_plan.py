"""Lines of the plan: right at first, and right again after whatever changes under them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from siprems_backend.extensions.database import Database
from siprems_backend.models import plan_inputs
from siprems_backend.services import catalogue, sales
from siprems_backend.services.replenishment import orders, parameters, receipts, refreshing, suppliers, views
from siprems_backend.services.replenishment.proposals import Wish
from siprems_backend.services.sales import Item
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import PageRequest
from tests import factories
from tests.services.replenishment.forecasts import sold_product, store_forecast

TODAY = clock.today()
# Ten days of ten units with a deviation of one a day, in whole units: 100 + 1.645 * sqrt(10).
LEVEL = 105


def _lines(**wanted: Any) -> dict[str, Any]:
    page = views.page(PageRequest(1, 200), **wanted)
    assert page.stale == 0
    return {line.sku: line for line in page.items}


def _line(sku: str = "A") -> Any:
    return _lines()[sku]


def test_a_line_says_what_to_order_and_why(database: Database) -> None:
    sold_product(database, "A", stock=25, cost=2, price=3, category="Bread")
    line = _line()
    assert (line.current_stock, line.on_order, line.urgency_name, line.supplier) == (25, 0, "high", None)
    assert line.predicted_demand == pytest.approx(100)
    assert line.reorder_point == LEVEL
    assert line.safety_stock == pytest.approx(LEVEL - 100)
    assert (line.recommended, line.value) == (80, 160)
    assert line.days_of_cover == pytest.approx(2.5, abs=0.01)
    assert line.stockout_date == TODAY + dt.timedelta(days=2)
    assert (line.order_by, line.arrives_on) == (TODAY, TODAY + dt.timedelta(days=3))
    assert line.lasts_until == TODAY + dt.timedelta(days=10)
    assert (line.service_level, line.service_now) == (0.95, 0)
    assert line.service_with >= 0.95
    assert line.expected_profit > 0
    assert line.reason.startswith("The stock of 25 lasts until ")
    assert line.reason.endswith(": order 80 at once.")
    assert (line.reason_key, line.reason_values["order"]) == ("runs_out_before_delivery", 80)


def _receive_a_part() -> None:
    (order,) = orders.create([Wish("A", Decimal(60))], None, None)
    orders.send(order.id, None)
    receipts.receive(order.id, {"A": Decimal(20)}, None)


CHANGES: list[tuple[str, Callable[[], object], Callable[[Any], bool]]] = [
    ("a sale", lambda: sales.sell(Item("A", Decimal(5)), None, None), lambda line: line.current_stock == 20),
    ("a count", lambda: catalogue.patch("A", {"stock": Decimal(200)}), lambda line: line.recommended == 0),
    ("a cost", lambda: catalogue.patch("A", {"cost": Decimal(3)}), lambda line: line.value == 3 * 80),
    (
        "a product's terms",
        lambda: parameters.change_product("A", {"pack_size": 12}, None),
        lambda line: (line.recommended, line.limited_by) == (84, "pack"),
    ),
    (
        "a category's terms",
        lambda: parameters.change_category("Bread", {"review_days": 1}, None),
        lambda line: line.predicted_demand == pytest.approx(40),
    ),
    (
        "the shop's terms",
        lambda: parameters.change_shop({"service_level": 0.5}, None),
        lambda line: line.recommended == 75,
    ),
    (
        "a draft",
        lambda: orders.create([Wish("A", Decimal(50))], None, None),
        lambda line: (line.on_draft, line.on_order, line.recommended) == (50, 0, 80),
    ),
    (
        "a receipt",
        _receive_a_part,
        lambda line: (line.current_stock, line.on_order, line.recommended) == (45, 40, 20),
    ),
]


@pytest.mark.parametrize(("what", "change", "follows"), CHANGES, ids=[what for what, *_ in CHANGES])
def test_the_plan_follows(
    database: Database, what: str, change: Callable[[], object], follows: Callable[[Any], bool]
) -> None:
    sold_product(database, "A", stock=25, cost=1, category="Bread")
    sold_product(database, "B", stock=25)
    before = _lines()
    change()
    after = _lines()
    assert follows(after["A"]), after["A"]
    if what != "the shop's terms":
        assert after["B"].made_at == before["B"].made_at


def test_nothing_is_made_anew_without_need(database: Database) -> None:
    sold_product(database, "A")
    first = _line().made_at
    assert _line().made_at == first


def test_a_supplier_speaks_for_its_products(database: Database) -> None:
    sold_product(database, "A", stock=0)
    supplier = suppliers.create({"name": "Mill", "lead_time_days": 1}, None)
    parameters.change_product("A", {"supplier": "Mill"}, None)
    assert (_line().supplier, _line().predicted_demand) == ("Mill", pytest.approx(80))
    suppliers.change(supplier.id, {"lead_time_days": 2}, None)
    assert _line().predicted_demand == pytest.approx(90)
    suppliers.remove(supplier.id, None)
    assert (_line().supplier, _line().predicted_demand) == (None, pytest.approx(100))


def test_suppliers_with_order_days_are_waited_for(database: Database) -> None:
    sold_product(database, "A", stock=0)
    wait = 2
    day = (TODAY + dt.timedelta(days=wait)).weekday()
    suppliers.create({"name": "Mill", "lead_time_days": 1, "order_days": [day]}, None)
    parameters.change_product("A", {"supplier": "Mill"}, None)
    line = _line()
    # Two days of waiting, one of lead time, seven until the next order.
    assert line.predicted_demand == pytest.approx(100)
    assert line.order_by == TODAY + dt.timedelta(days=wait)
    assert line.arrives_on == TODAY + dt.timedelta(days=wait + 1)
    catalogue.patch("A", {"stock": Decimal(165)})
    later = _line()
    assert (later.recommended, later.order_by.weekday()) == (0, day)
    assert later.order_by == TODAY + dt.timedelta(days=wait + 7)


def test_what_comes_too_late_does_not_count(database: Database) -> None:
    sold_product(database, "A", stock=25)
    for days in (1, 30):
        (order,) = orders.create([Wish("A", Decimal(40))], None, None)
        orders.send(order.id, None, TODAY + dt.timedelta(days=days))
    line = _line()
    assert (line.on_order, line.on_order_in_time, line.recommended) == (80, 40, 40)


def test_an_order_that_is_late_may_come_any_day(database: Database) -> None:
    sold_product(database, "A", stock=25)
    (order,) = orders.create([Wish("A", Decimal(40))], None, None)
    orders.send(order.id, None, TODAY - dt.timedelta(days=9))
    assert _line().recommended == 40


def test_products_without_forecast_and_without_sales_have_lines_too(database: Database) -> None:
    factories.make_product(database, "NEW", stock=3)
    factories.make_product(database, "GONE", is_active=False)
    lines = _lines()
    assert set(lines) == {"NEW"}
    assert (lines["NEW"].recommended, lines["NEW"].predicted_demand) == (0, None)
    assert "no forecast of it yet" in lines["NEW"].reason


def test_an_older_forecast_is_seen_from_today(database: Database) -> None:
    product = sold_product(database, "A", stock=0)
    store_forecast(database, product, 10, start=TODAY - dt.timedelta(days=5))
    assert _line().predicted_demand == pytest.approx(100)


def test_a_shop_of_the_past_is_planned_for_then(database: Database) -> None:
    product = factories.make_product(database, "A", stock=25)
    last = dt.date(2019, 3, 1)
    factories.sell(database, product, [10], until=last)
    store_forecast(database, product, 10, start=last + dt.timedelta(days=1))
    line = _line()
    assert line.plan_date == dt.date(2019, 3, 2)
    assert line.stockout_date == dt.date(2019, 3, 4)
    (order,) = orders.create([Wish("A")], None, None)
    assert orders.send(order.id, None).order.expected_date == dt.date(2019, 3, 5)
    assert _line().recommended == 0


def test_weeks_are_planned_as_well(database: Database) -> None:
    product = factories.make_product(database, "A", stock=0)
    factories.sell(database, product, [70], until=TODAY - dt.timedelta(days=7))
    store_forecast(database, product, 70, step_days=7)
    assert _line().predicted_demand == pytest.approx(100)


def test_service_follows_costs_where_that_is_wanted(database: Database) -> None:
    sold_product(database, "A", stock=0, price=10, cost=5)
    sold_product(database, "B", stock=0)
    costly = {"service_by_costs": True, "holding_rate": 10, "review_days": 7}
    parameters.change_shop(costly, None)
    lines = _lines()
    # A unit missing loses 5, one left over costs a week at ten times its price a year.
    lying = 5 * 10 * 7 / 365
    assert lines["A"].service_level == pytest.approx(5 / (5 + lying), abs=1e-3)
    assert lines["B"].service_level == 0.95


def test_more_changes_than_a_request_can_mend_are_left_to_a_worker(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "MOST_AT_ONCE", 2)
    for sku in "ABC":
        sold_product(database, sku)
    page = views.page(PageRequest())
    assert (page.stale, page.total) == (3, 0)
    assert views.page(PageRequest()).stale == 3
    with database.reading() as session:
        waiting = session.execute(text("SELECT kind FROM tasks")).scalars().all()
    assert waiting == ["tasks.replenishment_tasks.refresh_plan"]
    assert refreshing.refresh_all() == {"lines": 3}
    assert views.page(PageRequest()).stale == 0


def test_a_change_while_a_line_is_made_is_not_lost(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = sold_product(database, "A", stock=25)
    _line()
    store = plan_inputs.store

    def interrupted(session: Any, columns: Any) -> None:
        monkeypatch.setattr(plan_inputs, "store", store)
        parameters.change_product("A", {"pack_size": 100}, None)
        store(session, columns)

    monkeypatch.setattr(plan_inputs, "store", interrupted)
    refreshing.refresh([product.id])
    assert _line().recommended == 100
