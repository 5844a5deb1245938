"""Showing what is stored of a product: its forecast, and what that is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from siprems_backend.errors import NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import artifact_queries, shop_forecast_queries
from siprems_backend.models.artifacts import StoredForecast
from siprems_backend.models.shop_forecasts import LearnedForecast, ShopForecast
from siprems_backend.services.histories import require_product
from siprems_backend.services.prediction_engines import AUTO, PROPHET, learned_type
from siprems_backend.services.shop_forecasts.serving import named
from siprems_backend.utils.units import told
from siprems_engine.forecasting.step import Step

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def stored_forecast(sku: str, engine: str | None = None) -> dict[str, Any]:
    """The product's latest stored forecast, one point a day (or week).

    That of the whole shop (`auto`, or a learned model that is asked for), or where no engine is asked for and
    there is none, or `prophet` is, that of its own model or average.

    Raises:
        NotFound: no such product, or nothing stored yet.
    """
    with database.reading() as session:
        product = require_product(session, sku)
        if engine != PROPHET:
            made = shop_forecast_queries.of_product(session, product.id, learned_type(engine or AUTO))
            if made is not None:
                return {"product_sku": sku, **_of_shop(made, engine or AUTO)}
        own = artifact_queries.stored_forecast(session, product.id) if engine in (PROPHET, None) else None
    if own is None:
        raise _nothing_stored(sku, engine)
    return {"product_sku": sku, **_of_model(own)}


def components(sku: str) -> dict[str, Any]:
    """What the product's forecast is made of, as far as the run that made it could tell.

    Raises:
        NotFound: no such product, or no forecast of the whole shop yet.
    """
    with database.reading() as session:
        product = require_product(session, sku)
        made = shop_forecast_queries.of_product(session, product.id)
    if made is None:
        raise _nothing_stored(sku, AUTO)
    parts = made.components or {}
    factors = parts.get("weekday")
    return {
        "product_sku": sku,
        "engine": AUTO,
        "champion": made.champion,
        "shares": made.shares,
        "engine_reason": made.reason,
        "step": Step.of_days(made.step_days).value,
        "level": parts.get("level"),
        "trend_percent": _percent(parts.get("trend")),
        "weekday_factors": dict(zip(WEEKDAYS, factors, strict=True)) if factors else None,
        "season_factor": parts.get("season"),
        "promotion_factor": parts.get("promotion"),
        "event_factor": parts.get("event"),
        "made_at": made.made_at,
    }


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)


def _of_shop(made: ShopForecast | LearnedForecast, engine: str) -> dict[str, Any]:
    bounds = [
        (min(row[0], mean), max(row[-1], mean)) for row, mean in zip(made.quantiles, made.mean, strict=True)
    ]
    lower, upper = zip(*bounds, strict=True) if bounds else ((), ())
    points = _points(made, made.mean, lower, upper)
    for point, row in zip(points, made.quantiles, strict=True):
        point["quantiles"] = named(np.array(row))
    return {
        "engine": engine,
        "champion": made.champion,
        "engine_reason": made.reason,
        "backtest": made.backtest,
        "step": Step.of_days(made.step_days).value,
        "created_at": made.made_at,
        "forecast": points,
    }


def _of_model(made: StoredForecast) -> dict[str, Any]:
    return {
        "engine": made.engine,
        "step": Step.of_days(made.step_days).value,
        "created_at": made.created_at,
        "forecast": _points(made, made.yhat, made.lower, made.upper),
    }


def _points(
    made: ShopForecast | LearnedForecast | StoredForecast, *columns: Sequence[float]
) -> list[dict[str, Any]]:
    """A point for each value; `columns` are the forecast and its two bounds."""
    names = ("date", "predicted", "lower", "upper")
    values = zip(_dates(made), *map(told, columns), strict=True)
    return [dict(zip(names, value, strict=True)) for value in values]


def _dates(made: ShopForecast | LearnedForecast | StoredForecast) -> Sequence[str]:
    """The date of every value."""
    values = made.yhat if isinstance(made, StoredForecast) else made.mean
    days = (dt.timedelta(days=place * made.step_days) for place in range(len(values)))
    return [(made.start_date + day).isoformat() for day in days]


def _nothing_stored(sku: str, engine: str | None) -> NotFound:
    which = "forecast" if engine is None else f"forecast by '{engine}'"
    return NotFound(
        f"No {which} is stored for '{sku}' yet; train it or ask POST /predict/async.",
        code="forecast_not_found",
    )
