"""How likely stock runs out, as the list of products tells it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import Database
from siprems_backend.models.products import Product
from siprems_backend.models.shop_forecasts import ShopForecast
from siprems_backend.services import stock_outlook
from siprems_backend.services.shop_forecasts import runs
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import PageRequest
from siprems_engine.forecasting.shop.quantiles import LEVELS
from tests import factories

SOLD_A_DAY = 20.0
DAYS_IN_STOCK = {"NONE": 0, "SCARCE": 5, "JUST": 7, "SOME": 8, "PLENTY": 60}


@pytest.fixture
def shop(database: Database, models_dir: Path) -> None:
    """Products that sell about 20 a day with stock for some days, and one that nobody can forecast."""
    for seed, (sku, days) in enumerate(DAYS_IN_STOCK.items()):
        product = factories.make_product(database, sku, stock=days * SOLD_A_DAY, category="Bread")
        sold = factories.weekly_demand(100, seed=seed, level=SOLD_A_DAY)
        factories.sell(database, product, sold, until=clock.today() - dt.timedelta(days=1))
    runs.forecast_here()
    factories.make_product(database, "UNKNOWN", stock=5)


def quantiles(database: Database) -> dict[str, list[float]]:
    """What sells in the first seven days, by SKU, at the levels of the forecaster."""
    with database.reading() as session:
        rows = session.execute(
            select(Product.sku, ShopForecast.totals).join(Product, Product.id == ShopForecast.product_id)
        )
        return {sku: totals[stock_outlook.DAYS - 1] for sku, totals in rows}


def test_the_risk_lies_between_the_stored_quantiles(database: Database, shop: None) -> None:
    found = stock_outlook.page(PageRequest(1, 50))
    lines = {line.sku: line for line in found.items}
    assert (found.total, found.items[-1].sku) == (6, "UNKNOWN")
    for sku, totals in quantiles(database).items():
        line = lines[sku]
        assert line.risk == pytest.approx(1 - np.interp(line.stock, totals, LEVELS)), sku
        assert (line.demand, line.likely_most) == pytest.approx((totals[3], totals[5]))
        assert line.cover_days == pytest.approx(line.stock * stock_outlook.DAYS / totals[3])
    risks = [line.risk for line in found.items if line.risk is not None]
    assert risks == sorted(risks, reverse=True)
    assert (lines["NONE"].risk, lines["PLENTY"].risk) == pytest.approx((0.975, 0.025))
    assert lines["UNKNOWN"].demand is lines["UNKNOWN"].risk is None


def test_counts_and_filters(database: Database, shop: None) -> None:
    counts = stock_outlook.counts()
    assert (counts.products, counts.sold_out, counts.without_forecast) == (6, 1, 1)
    high = stock_outlook.page(PageRequest(1, 50), least_risk=stock_outlook.HIGH)
    assert high.total == counts.high
    assert {"NONE", "SCARCE"} <= {line.sku for line in high.items}
    by_name = stock_outlook.page(PageRequest(2, 2), "sku", category="Bread")
    assert ([line.sku for line in by_name.items], by_name.total) == (["PLENTY", "SCARCE"], 5)
    assert [line.sku for line in stock_outlook.page(PageRequest(1, 5), search="scar").items] == ["SCARCE"]
    assert stock_outlook.page(PageRequest(1, 5), search="%").total == 0
    with pytest.raises(Invalid):
        stock_outlook.page(PageRequest(1, 5), "colour")
