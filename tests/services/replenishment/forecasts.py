"""Stored forecasts of a shop as a night's run leaves them, without running one."""

from __future__ import annotations

import datetime as dt

import numpy as np

from siprems_backend.extensions.database import Database
from siprems_backend.models import shop_forecast_queries
from siprems_backend.models.products import Product
from siprems_backend.utils import clock
from siprems_engine.forecasting.shop.quantiles import LEVELS
from siprems_engine.inventory import normal
from tests import factories

HORIZON = 28


def store_forecast(
    database: Database,
    product: Product,
    daily: float,
    *,
    deviation: float = 1.0,
    start: dt.date | None = None,
    step_days: int = 1,
) -> None:
    """So many units in each period, with errors of this deviation that have nothing to do with each other."""
    start = start or clock.today()
    periods = np.arange(1, HORIZON + 1)
    mean = np.full(HORIZON, float(daily))
    scores = normal.quantile(np.array(LEVELS))
    quantiles = np.maximum(daily + deviation * np.tile(scores, (HORIZON, 1)), 0.0)
    totals = np.maximum(daily * periods[:, None] + deviation * np.sqrt(periods)[:, None] * scores, 0.0)
    row = (
        product.id,
        start,
        step_days,
        start - dt.timedelta(days=step_days),
        mean,
        quantiles.astype(np.float32),
        totals.astype(np.float32),
        1e6,
        {"ses": 1.0},
        "ses",
        "Made for a test.",
        None,
        None,
        "0" * 64,
        None,
    )
    with database.transaction() as session:
        shop_forecast_queries.store(session, [row])


def sold_product(database: Database, sku: str, daily: float = 10.0, **values: object) -> Product:
    """A product with a forecast, and a sale of yesterday that says that the shop lives."""
    product = factories.make_product(database, sku, **values)
    factories.sell(database, product, [daily], until=clock.today() - dt.timedelta(days=1))
    store_forecast(database, product, daily)
    return product
