"""Shops that plan promotions and such that do not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from siprems_backend.extensions.database import Database
from siprems_backend.models.products import Product
from siprems_backend.models.promotions import PlannedPromotion
from siprems_backend.services.demand import Demand, load_demand
from siprems_backend.services.demand.plans import STILL_PLANS
from siprems_engine.forecasting.shop import Grid, forecast_shop
from tests import factories

LAST = dt.date(2026, 6, 24)
DAY = dt.timedelta(days=1)
DAYS, HORIZON = 200, 28
SHARE, UPLIFT, LEVEL = 0.25, 2.0, 40.0


def shop(database: Database, products: int) -> list[Product]:
    """Products with promotions on a quarter of their days, on which twice as much is sold."""
    random = np.random.default_rng(5)
    made = [factories.make_product(database, f"P{number}") for number in range(products)]
    for product in made:
        promo = random.random(DAYS) < SHARE
        units = random.poisson(LEVEL * np.where(promo, UPLIFT, 1.0)).astype(float)
        factories.sell(database, product, units.tolist(), until=LAST, promo=promo.tolist())
    return made


def load(database: Database, products: list[Product]) -> Demand:
    with database.reading() as session:
        return load_demand(session, [product.id for product in products], HORIZON)


def plan(database: Database, last: dt.date, **target: Any) -> None:
    with database.transaction() as session:
        session.add(PlannedPromotion(date_from=last - 2 * DAY, date_to=last, source="api", **target))


def forecast_total(grid: Grid, last: int) -> float:
    return float(forecast_shop(grid.panel(last, HORIZON)).mean.sum())


def test_a_shop_that_plans_none_is_forecast_with_its_usual_promotions(database: Database) -> None:
    products = shop(database, 8)
    found = load(database, products)
    truth = 8 * HORIZON * LEVEL * (1 + SHARE * (UPLIFT - 1))
    assert not found.grid.promo.any()
    assert found.untold.all()
    assert forecast_total(found.grid, found.last) == pytest.approx(truth, rel=0.1)
    # Told that promotions are over, forecasts lack a fifth: what the rule is for.
    plan(database, LAST + 100 * DAY, product_id=factories.make_product(database, "OTHER").id)
    believed = load(database, products)
    assert believed.grid.promo[:, : believed.last + 1].mean() == pytest.approx(SHARE, abs=0.03)
    assert not believed.grid.promo[:, believed.last + 1 :].any()
    assert not believed.untold.any()
    assert forecast_total(believed.grid, believed.last) < 0.88 * truth


@pytest.mark.parametrize(
    ("last", "plans"),
    [
        (LAST + HORIZON * DAY, True),
        (LAST + 400 * DAY, True),
        (LAST, True),
        (LAST - STILL_PLANS, True),
        (LAST - STILL_PLANS - DAY, False),
    ],
)
def test_a_shop_plans_while_its_last_plan_is_not_long_over(
    database: Database, last: dt.date, plans: bool
) -> None:
    """Whichever product or category it is of: here none of those that are loaded."""
    [product] = shop(database, 1)
    plan(database, last, category="Another")
    found = load(database, [product])
    assert (found.grid.promo.any(), found.untold.tolist()) == (plans, [not plans])


def test_without_flags_and_plans_nothing_is_left_untold(database: Database) -> None:
    product = factories.make_product(database, "A")
    factories.sell(database, product, [1.0, 2.0], until=LAST)
    found = load(database, [product])
    assert found.untold.tolist() == [False]
