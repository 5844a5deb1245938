"""The demand of a shop from its tables, against a loop over products and days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert, select

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import Database
from siprems_backend.models.events import Event
from siprems_backend.models.products import Product, StockLevel
from siprems_backend.models.promotions import PlannedPromotion
from siprems_backend.models.sales import DailySales
from siprems_backend.services.demand import Demand, load_demand
from siprems_backend.services.demand.calendar import MARGIN
from siprems_engine.forecasting.shop.panel import LONGEST_PAST
from siprems_engine.forecasting.step import Step
from tests import factories

LAST = dt.date(2026, 6, 24)
DAY = dt.timedelta(days=1)
SKUS = ("A/B", "ü 1", "never", "007", "late")


def load(database: Database, ids: Collection[int], horizon: int = 7) -> Demand:
    with database.reading() as session:
        return load_demand(session, ids, horizon)


def plan(database: Database, first: dt.date, last: dt.date, **target: Any) -> None:
    with database.transaction() as session:
        session.add(PlannedPromotion(date_from=first, date_to=last, source="api", **target))


def level(database: Database, product: Product, day: dt.date, on_hand: float) -> None:
    with database.transaction() as session:
        session.add(StockLevel(product_id=product.id, date=day, on_hand=on_hand))


def shop(database: Database, seed: int) -> list[Product]:
    """Sales with gaps, returns, flags and a closed day a week; stock, plans of products and of a category."""
    random = np.random.default_rng(seed)
    made = [
        factories.make_product(database, sku, category=("Bread", None)[place % 2])
        for place, sku in enumerate(SKUS)
    ]
    rows, levels = [], []
    for place, product in enumerate(made):
        # The last day is left to one product alone.
        for age in range(1, 60 if product.sku != "late" else 9):
            day = LAST - age * DAY
            if product.sku != "never" and day.weekday() != 6 and random.random() < 0.6:
                quantity = float(random.integers(-2, 6))
                flag = bool(random.random() < 0.2)
                rows.append({"product_id": product.id, "date": day, "quantity": quantity, "promo": flag})
            if place != 3 and random.random() < 0.3:
                on_hand = float(random.integers(-1, 4))
                levels.append({"product_id": product.id, "date": day, "on_hand": on_hand})
    rows.append({"product_id": made[3].id, "date": LAST, "quantity": 1, "promo": False})
    with database.transaction() as session:
        session.execute(insert(DailySales), rows)
        session.execute(insert(StockLevel), levels)
    plan(database, LAST - 20 * DAY, LAST - 15 * DAY, product_id=made[1].id)
    plan(database, LAST - 16 * DAY, LAST + 2 * DAY, product_id=made[1].id, name="overlapping")
    plan(database, LAST + 3 * DAY, LAST + 90 * DAY, category="Bread")
    plan(database, LAST + 1 * DAY, LAST + 1 * DAY, category="Nobody's")
    return made


def naive_units(database: Database, product: Product, days: list[dt.date]) -> list[float]:
    with database.reading() as session:
        own = {
            row.date: float(row.quantity)
            for row in session.scalars(select(DailySales).where(DailySales.product_id == product.id))
        }
        opened = set(session.scalars(select(DailySales.date).where(DailySales.quantity > 0)))
    units = []
    for day in days:
        launched = any(known <= day for known in own)
        known = launched and day <= LAST and day in opened
        units.append(max(own.get(day, 0.0), 0.0) if known else np.nan)
    return units


@pytest.mark.parametrize("seed", range(4))
def test_units_and_promotions_are_what_a_loop_over_the_days_finds(database: Database, seed: int) -> None:
    products = shop(database, seed)
    found = load(database, [product.id for product in reversed(products)], 5)
    assert found.skus == SKUS
    assert found.product_ids == tuple(product.id for product in products)
    assert found.categories == ("Bread", None, "Bread", None, "Bread")
    days = found.grid.days.tolist()
    assert (days[found.last], days[-1]) == (LAST, LAST + 5 * DAY)
    units = np.where(found.grid.open, found.grid.units, np.nan)
    promo = np.zeros(units.shape, dtype=bool)
    with database.reading() as session:
        flagged = {(row.product_id, row.date) for row in session.scalars(select(DailySales)) if row.promo}
        plans = session.scalars(select(PlannedPromotion)).all()
    for row, product in enumerate(products):
        np.testing.assert_array_equal(units[row], naive_units(database, product, days), product.sku)
        mine = [each for each in plans if each.product_id == product.id]
        mine += [each for each in plans if each.category is not None and each.category == product.category]
        by_plan = {day for day in days if any(each.date_from <= day <= each.date_to for each in mine)}
        has_past = any(day <= LAST for day in by_plan)
        for place, day in enumerate(days):
            by_row = not has_past and (product.id, day) in flagged
            promo[row, place] = day in by_plan or by_row
    np.testing.assert_array_equal(found.grid.promo, promo)
    assert promo[0, found.last + 3 :].all()


def test_the_shop_is_open_when_any_of_its_products_sold(database: Database) -> None:
    rare, other = (factories.make_product(database, sku) for sku in ("RARE", "OTHER"))
    factories.sell(database, rare, [2, None, None, None, None], until=LAST - DAY)
    factories.sell(database, other, [1, None, 1, -1, 1, 1], until=LAST)
    found = load(database, [rare.id], 2)
    assert found.grid.days[found.last] == LAST
    panel = found.grid.panel(found.last, 2)
    np.testing.assert_array_equal(panel.units, [[2, np.nan, 0, np.nan, 0, 0]])
    assert panel.horizon == 2


def test_a_history_is_read_no_further_than_engines_look(database: Database) -> None:
    old, gone = (factories.make_product(database, sku) for sku in ("OLD", "GONE"))
    most = LONGEST_PAST[Step.DAY] + MARGIN[Step.DAY]
    factories.sell(database, old, [1.0] * (most + 50), until=LAST)
    factories.sell(database, gone, [1.0, 2.0], until=LAST - (most + 10) * DAY)
    found = load(database, [old.id, gone.id], 3)
    assert (found.last, len(found.grid.days)) == (most - 1, most + 3)
    assert (found.grid.units[0, :most] == 1).all()
    # It was launched long ago and sells nothing now: these are zeros, not a product nobody knows.
    assert (found.grid.units[1, :most] == 0).all()
    assert np.isnan(found.grid.units[:, most:]).all()


def test_stock_that_ran_out_hides_demand(database: Database) -> None:
    product, untold = (factories.make_product(database, sku) for sku in ("OUT", "UNTOLD"))
    factories.sell(database, product, [5.0] * 12 + [2.0, None, None, None, 5.0], until=LAST)
    factories.sell(database, untold, [1.0] * 17, until=LAST)
    level(database, product, LAST - 4 * DAY, 0)
    level(database, product, LAST - 1 * DAY, 40)
    found = load(database, [product.id, untold.id])
    units = found.grid.panel(found.last, 7).units
    assert np.flatnonzero(np.isnan(units[0])).tolist() == [12, 13, 14, 15]
    assert not np.isnan(units[1]).any()


def test_without_any_record_of_stock_nothing_is_hidden(database: Database) -> None:
    product = factories.make_product(database, "A")
    factories.sell(database, product, [1.0] * 5, until=LAST)
    assert load(database, [product.id]).grid.out_of_stock is None


@pytest.mark.parametrize("last", [LAST, dt.date(2026, 6, 22)])
def test_a_weekly_shop_has_one_period_a_week(database: Database, last: dt.date) -> None:
    product = factories.make_product(database, "CEREAL", category="Food")
    week = 7 * DAY
    quantities: list[float | None] = [each for units in range(10, 22) for each in (*[None] * 6, float(units))]
    factories.sell(database, product, quantities, until=last)
    with database.transaction() as session:
        # A return in the middle of a week, later than which nothing sold.
        session.add(DailySales(product_id=product.id, date=last + DAY, quantity=-1, promo=True))
        session.add(Event(name="Fair", date=last - 8 * DAY))
        session.add(Event(name="Stocktaking", date=last, include_in_prediction=False))
    monday = last.weekday() == 0
    # The first and the last day of the week two weeks ahead, as this shop dates its weeks.
    begin = last + 2 * week if monday else last + 2 * week - 6 * DAY
    plan(database, begin, begin + 6 * DAY, product_id=product.id)
    level(database, product, begin - 3 * week, 9)
    level(database, product, begin - 3 * week + 6 * DAY, 0)
    found = load(database, [product.id], 4)
    assert found.grid.step is Step.WEEK
    assert found.grid.days.tolist() == [last + place * week for place in range(-11, 5)]
    np.testing.assert_array_equal(found.grid.units[0, :12], np.arange(10, 22))
    assert np.flatnonzero(found.grid.promo[0]).tolist() == [found.last + 2]
    panel = found.grid.panel(found.last, 4)
    assert [event.name for event in found.events] == ["Fair"]
    assert np.flatnonzero(panel.events).tolist() == [found.last - (2 if monday else 1)]
    assert np.flatnonzero(np.isnan(panel.units[0])).tolist() == [found.last - 1]


def test_a_plan_of_the_past_takes_the_place_of_the_flags_of_sales(database: Database) -> None:
    by_plan, by_flag = (factories.make_product(database, sku) for sku in ("PLAN", "FLAG"))
    flags = [False, True, False, False, True, False]
    for product in (by_plan, by_flag):
        factories.sell(database, product, [1.0] * 6, until=LAST, promo=flags)
    plan(database, LAST - 3 * DAY, LAST - 2 * DAY, product_id=by_plan.id)
    plan(database, LAST + DAY, LAST + DAY, product_id=by_flag.id)
    promo = load(database, [by_plan.id, by_flag.id], 2).grid.promo
    assert promo[0].tolist() == [False, False, True, True, False, False, False, False]
    assert promo[1].tolist() == [*flags, True, False]


def test_unknown_ids_are_passed_over(database: Database) -> None:
    product = factories.make_product(database, "A")
    factories.sell(database, product, [1.0], until=LAST)
    assert load(database, [99, product.id]).skus == ("A",)
    assert load(database, []).skus == ()


def test_a_shop_without_sales_has_no_demand(database: Database) -> None:
    product = factories.make_product(database, "A")
    with pytest.raises(Invalid, match="Nothing has been sold") as caught:
        load(database, [product.id])
    assert caught.value.code == "not_enough_data"
