"""Answering from the stored forecasts of the shop: one row is read, nothing heavy is loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from siprems_backend.extensions.database import database
from siprems_backend.models import shop_forecast_queries
from siprems_backend.models.shop_forecast_queries import ServedForecast
from siprems_backend.services.prediction_engines import AUTO, learned_type
from siprems_backend.services.shop_forecasts.horizon import Stored
from siprems_backend.utils.units import told
from siprems_engine.forecasting.forecast import Forecast
from siprems_engine.forecasting.series import Days, Floats
from siprems_engine.forecasting.shop import LEVELS
from siprems_engine.forecasting.shop.served import as_forecast
from siprems_engine.forecasting.step import Step

NAMES = tuple(f"{level:g}" for level in LEVELS)
NONE_YET = "No forecast of the whole shop has been made for this product yet."
NONE_LEARNED = "The model '{engine}' has not forecast this product yet."
OUTDATED = "The forecast of the whole shop ends before the days asked for, or begins after them."
BY_MODEL = "the product's own seasonal model goes on, on the level at which the stored forecast ends"
BY_WEEKS = "the mean week of the last four is repeated; the bounds widen with the root of time"

# Forecasts so many days from a date on by the product's own model; None where there is no sane one.
Path = Callable[[Days], Floats | None]


@dataclass(frozen=True, eq=False)
class Answer:
    """The part of a stored forecast that was asked for: `quantiles` (h, 7), `total` (7,) of its sum.

    `continuation` says since when and how it goes on beyond what is stored.
    """

    made: Forecast
    quantiles: Floats
    total: Floats
    stored: ServedForecast
    continuation: str | None


def stored_of(product_id: int, engine: str = AUTO) -> ServedForecast | None:
    """The product's stored forecast by the blend, or by a learned model."""
    with database.lookup() as connection:
        return shop_forecast_queries.served(connection, [product_id], learned_type(engine)).get(product_id)


def why_none(found: ServedForecast | None, engine: str) -> str:
    """Why a stored forecast does not answer, in a sentence."""
    if found is not None:
        return OUTDATED
    return NONE_YET if engine == AUTO else NONE_LEARNED.format(engine=engine)


def answer(ahead: Days, found: ServedForecast, path: Path, engine: str = AUTO) -> Answer | None:
    """Answer for the periods `ahead` (h,), a step of the stored forecast apart; None where it ends before.

    None as well where it begins after them, or its weeks are other ones.
    """
    step = Step.of_days(found.step_days)
    passed, rest = divmod(int((ahead[0] - np.datetime64(found.start_date)).astype(int)), step.days)
    if rest or not 0 <= passed < len(found.mean):
        return None
    stored = Stored(
        np.array(found.mean), np.array(found.quantiles), np.array(found.totals), step, found.ceiling
    )
    until, end, continuation = passed + len(ahead), len(found.mean), None
    if until > end:
        first = np.datetime64(found.start_date)
        dates = first + step.days * np.arange(until)
        stored, by_path = stored.continued(until - end, path(dates))
        continuation = f"From {dates[end]} on {BY_MODEL if by_path else BY_WEEKS}."
    part = slice(passed, until)
    mean, quantiles = stored.mean[part], stored.quantiles[part]
    bounded = bool((mean >= stored.ceiling).any()) and stored.ceiling > 0
    made = replace(as_forecast(ahead, mean, quantiles, step, bounded=bounded), engine=engine)
    return Answer(made, quantiles, stored.total(passed, until), found, continuation)


def named(quantiles: Floats) -> dict[str, float]:
    """Quantiles (7,) by their levels, as the API calls them."""
    return dict(zip(NAMES, told(quantiles.tolist()), strict=True))
