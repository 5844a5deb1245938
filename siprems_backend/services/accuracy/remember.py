"""Forecasts are remembered when they are made, so that they can be held against what then sold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from siprems_backend.config import get_settings
from siprems_backend.extensions.database import database
from siprems_backend.models import accuracy_queries
from siprems_backend.models.accuracy_queries import Remembered
from siprems_backend.utils import clock
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.quantiles import LEVELS
from siprems_engine.forecasting.step import Step
from siprems_engine.forecasting.watch.made import KEPT_LEVELS

# Periods that are remembered of a forecast: two weeks of days, eight weeks.
KEPT_PERIODS = {Step.DAY: 14, Step.WEEK: 8}
_KEPT = [LEVELS.index(level) for level in KEPT_LEVELS]


class NewForecast(NamedTuple):
    """A forecast of the periods after `origin`: mean (H,), and quantiles (H, 7) at the engine's `LEVELS`."""

    product_id: int
    origin: dt.date
    step_days: int
    engine: str
    mean: Floats
    quantiles: Floats


def remember(session: Session, forecasts: Iterable[NewForecast]) -> None:
    """Remember forecasts in the transaction that stores them; of one origin the last one counts.

    Products deleted meanwhile are passed over.
    """
    accuracy_queries.remember(session, map(_kept, forecasts))


def _kept(made: NewForecast) -> Remembered:
    periods = KEPT_PERIODS[Step.of_days(made.step_days)]
    values = np.vstack([made.mean[:periods], made.quantiles[:periods, _KEPT].T]).astype(np.float32)
    return Remembered(made.product_id, made.origin, made.step_days, made.engine, values)


def forget_old() -> int:
    """Forget forecasts that were made longer ago than the setting says; how many."""
    with database.transaction() as session:
        oldest = clock.now() - timedelta(days=get_settings().forecast_history_days)
        return accuracy_queries.forget_forecasts(session, oldest)
