"""The shop's own sales and forecasts as rows of pipelines."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from siprems_backend.extensions.database import Database
from siprems_backend.models.sales import DailySales
from siprems_backend.models.shop_forecasts import ShopForecast
from siprems_backend.services.identity import Principal
from siprems_backend.services.pipelines import shop_columns
from siprems_backend.services.pipelines.sources import ShopSources
from siprems_engine.pipelines import SourceError
from tests import factories

MONDAY = dt.date(2026, 6, 1)


@pytest.fixture
def sources(database: Database, caller: Principal) -> ShopSources:
    """Two products; the shop was closed on the third day, and the second product came on the second day."""
    bread = factories.make_product(database, "BRD", category="Bread", price=2)
    cake = factories.make_product(database, "CAK/1", category="Cakes", price=9)
    factories.make_product(database, "NEW", category="Cakes", price=5)
    sold = [
        (bread, 0, 4, 10, False),
        (bread, 1, 5, 15, True),
        (bread, 3, -1, -3, False),
        (cake, 1, 1, 0, False),
    ]
    with database.transaction() as session:
        session.add_all(
            DailySales(
                product_id=product.id,
                date=MONDAY + dt.timedelta(days=day),
                quantity=quantity,
                revenue=revenue,
                promo=promo,
            )
            for product, day, quantity, revenue, promo in sold
        )
        session.add(
            DailySales(product_id=cake.id, date=MONDAY + dt.timedelta(days=4), quantity=2, revenue=16)
        )
    return ShopSources(caller)


def test_sales_have_a_row_for_every_open_day_since_the_first_sale(sources: ShopSources) -> None:
    frame = sources.frame("sales_history", {})
    assert tuple(frame.columns) == shop_columns.SALES_HISTORY == tuple(sources.columns("sales_history", {}))
    told = [
        (row.date.day, row.sku, row.quantity, bool(row.promo), row.price, row.revenue)
        for row in frame.itertuples()
    ]
    assert told == [
        (1, "BRD", 4.0, False, 2.5, 10.0),
        (2, "BRD", 5.0, True, 3.0, 15.0),
        # A day of returns only; the shop did not sell, but the row is there.
        (4, "BRD", -1.0, False, 3.0, -3.0),
        (5, "BRD", 0.0, False, 3.0, 0.0),
        # What cost nothing tells no price: that of the catalogue stands in.
        (2, "CAK/1", 1.0, False, 9.0, 0.0),
        (5, "CAK/1", 2.0, False, 8.0, 16.0),
    ]
    assert frame["category"].tolist() == ["Bread"] * 4 + ["Cakes"] * 2
    assert frame["date"].dtype.kind == "M"
    assert frame["promo"].dtype == bool


def test_sales_of_some_products_and_days(sources: ShopSources) -> None:
    wanted = {"skus": ["BRD"], "from": "2026-06-02", "to": "2026-06-04"}
    assert sources.frame("sales_history", wanted)["quantity"].tolist() == [5.0, -1.0]
    assert set(sources.frame("sales_history", {"category": "Cakes"})["sku"]) == {"CAK/1"}


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"skus": ["NEW"]}, "skus"),
        ({"skus": ["BRD"], "from": "2027-01-01"}, "from"),
        ({"category": "Tea"}, "category"),
    ],
)
def test_sales_that_are_none(sources: ShopSources, parameters: dict[str, Any], field: str) -> None:
    with pytest.raises(SourceError) as caught:
        sources.frame("sales_history", parameters)
    assert caught.value.field == field


def test_forecasts_are_those_stored(sources: ShopSources, database: Database) -> None:
    with pytest.raises(SourceError, match="No forecast"):
        sources.frame("forecast", {"days": 2})
    with database.transaction() as session:
        session.add(
            ShopForecast(
                product_id=1,
                start_date=MONDAY,
                step_days=1,
                origin=MONDAY,
                mean=[1.0, 2.0, 3.0],
                quantiles=[[0.5, 1, 1, 1, 1, 1, 1.5]] * 3,
                totals=[[1.0] * 7] * 3,
                ceiling=9.0,
                shares={},
                champion="ets",
                reason="",
                data_hash="",
            )
        )
    frame = sources.frame("forecast", {"days": 2})
    assert tuple(frame.columns) == shop_columns.FORECAST
    assert frame.drop(columns="date").to_numpy().tolist() == [
        ["BRD", "Bread", 1.0, 0.5, 1.5],
        ["BRD", "Bread", 2.0, 0.5, 2.0],
    ]
    assert list(frame["date"]) == list(pd.to_datetime(["2026-06-01", "2026-06-02"]))
