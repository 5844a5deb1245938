"""Past forecasts of categories, kept with the forecasts of their products."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np

from siprems_backend.extensions.database import database
from siprems_backend.models import group_forecast_queries
from siprems_backend.services.shop_forecasts.rows import MadeForecasts
from siprems_backend.utils import clock
from siprems_engine.forecasting.hierarchy.spread import added_up
from siprems_engine.forecasting.hierarchy.structure import Hierarchy
from siprems_engine.forecasting.series import Days, Floats

# As the database keeps tables of numbers that it never has to look into.
STORED = np.dtype("<f4")
# The forecasts of a run that is under way may be stored a while after its past ones.
KEPT = timedelta(hours=1)


def group_rows(made: MadeForecasts) -> Iterator[dict[str, Any]]:
    """Give a row for each category of the products that were forecast together."""
    forecast = made.forecast
    names = sorted({name for name in made.demand.categories if name is not None})
    hierarchy = Hierarchy.of(made.panel.categories)
    past = added_up(hierarchy, forecast.past)
    shape = (len(past), hierarchy.aggregates, made.panel.horizon)
    forecasts = np.array([each.forecast for each in past]).reshape(shape)
    actuals = np.array([each.actual for each in past]).reshape(shape)
    for place, code in enumerate(hierarchy.codes.tolist()):
        yield {
            "data_hash": made.data_hash,
            "place": place,
            "category": None if code < 0 else names[code],
            "products": int((hierarchy.group == place).sum()),
            "step_days": made.panel.step.days,
            "origins": forecast.origins.tolist(),
            "forecasts": forecasts[:, place + 1].astype(STORED).tobytes(),
            "actuals": actuals[:, place + 1].astype(STORED).tobytes(),
        }


def tables_of(row: Any, horizon: int) -> tuple[Days, Floats, Floats]:
    """Return a row's origins (P,), its past forecasts and what sold, (P, H) each; unknown is NaN."""
    origins = np.array(row.origins, dtype="datetime64[D]")
    forecasts, actuals = (_table(each, len(origins), horizon) for each in (row.forecasts, row.actuals))
    return origins, forecasts, actuals


def _table(values: bytes, rows: int, horizon: int) -> Floats:
    table = np.full((rows, horizon), np.nan)
    if rows:
        stored = np.frombuffer(values, STORED).reshape(rows, -1)[:, :horizon]
        table[:, : stored.shape[1]] = stored
    return table


def forget_old() -> int:
    """Delete past forecasts of categories that no present forecast is from; how many."""
    with database.transaction() as session:
        return group_forecast_queries.forget_old(session, clock.now() - KEPT)
