"""Forecasts of the past from the database, as the engine takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from siprems_backend.models import accuracy_queries
from siprems_backend.models.accuracy_queries import VALUES, ForecastText
from siprems_backend.services.accuracy.remember import KEPT_PERIODS
from siprems_engine.forecasting.series import Days, Floats
from siprems_engine.forecasting.step import Step
from siprems_engine.forecasting.watch.made import Made


@dataclass(frozen=True, eq=False)
class PastForecasts:
    """Forecasts of N products on a calendar, and the engine of each of them, (R,)."""

    made: Made
    engines: Sequence[str]


def load_past(session: Session, product_ids: Sequence[int], days: Days, step: Step) -> PastForecasts:
    """Load what was forecast of the periods `days` (T,), ascending and evenly spaced, in products' order."""
    reach = KEPT_PERIODS[step]
    since = days[0] - reach * step.days
    rows = accuracy_queries.forecasts(session, product_ids, since.astype(object), step.days)
    place = {product_id: number for number, product_id in enumerate(product_ids)}
    first = int(days[0].astype(np.int64))
    origins = [(row[1] - first) // step.days for row in rows]
    product = np.array([place[row[0]] for row in rows], dtype=np.int64)
    values = _values(rows, reach)
    made = Made(
        product,
        np.array(origins, dtype=np.int64),
        values[:, 0],
        np.ascontiguousarray(values[:, 1:].transpose(0, 2, 1)),
    )
    return PastForecasts(made, [row[2] for row in rows])


def _values(rows: Sequence[ForecastText], reach: int) -> Floats:
    """Mean and quantiles of all rows, (R, 6, reach), NaN beyond a forecast's end."""
    numbers = np.fromstring(" ".join(row[4] for row in rows), sep=" ")
    lengths = np.array([row[3] for row in rows], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths * len(VALUES))])
    values = np.full((len(rows), len(VALUES), reach), np.nan)
    for length in np.unique(lengths):
        some = np.flatnonzero(lengths == length)
        cells = starts[some][:, None] + np.arange(length * len(VALUES))
        kept = numbers[cells].reshape(len(some), len(VALUES), length)[:, :, :reach]
        values[some, :, : kept.shape[2]] = kept
    return values
