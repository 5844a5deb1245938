"""Forecasts that were made every evening."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from siprems_backend.extensions.database import Database
from siprems_backend.models.products import Product
from siprems_backend.services.accuracy import remember
from siprems_backend.services.accuracy.remember import NewForecast

UNTIL = dt.date(2026, 6, 30)
# In multiples of the square root of the mean: the seven quantiles of a rough Poisson.
SPREAD = np.array([-1.96, -1.28, -0.67, 0.0, 0.67, 1.28, 1.96])


def forecast(
    product: Product, origin: dt.date, means: Sequence[float], *, step_days: int = 1, engine: str = "auto"
) -> NewForecast:
    """A forecast of these means, with plausible quantiles."""
    mean = np.array(means, dtype=float)
    quantiles = np.maximum(mean[:, None] + np.sqrt(mean)[:, None] * SPREAD, 0.0)
    return NewForecast(product.id, origin, step_days, engine, mean, quantiles)


def forecast_daily(
    database: Database, product: Product, mean: float, origins: int, horizon: int = 14
) -> None:
    """The same forecast on each of the evenings before the last day."""
    made = [
        forecast(product, UNTIL - dt.timedelta(days=back), [mean] * horizon) for back in range(1, origins + 1)
    ]
    with database.transaction() as session:
        remember.remember(session, made)
