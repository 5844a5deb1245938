"""What a product could plausibly sell in a period: no forecast leaves this range."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import LARGEST_QUANTITY, DailyHistory, Floats

CEILING_FACTOR = 1.5
CEILING_DAYS = 730


def plausible_ceiling(history: DailyHistory) -> float:
    """Return 1.5 times the best row of the last two years of the history, in units per day (or week).

    The best row is taken as it was, outlier or not: a peak that happened once can happen again, and a ceiling
    is meant to stop absurd extrapolation, not to trim forecasts. Two years cover every season twice without
    keeping a product at the height of a long gone boom. 0 when nothing was sold.
    """
    if not len(history):
        return 0.0
    recent = history.y[history.ds > history.ds[-1] - CEILING_DAYS]
    return float(CEILING_FACTOR * recent.max())


def clip_forecast(units: Floats, ceiling: float | Floats | None) -> Floats:
    """Limit a forecast (any shape, units) to 0..ceiling; NaN becomes 0, infinity the ceiling.

    Several ceilings have a shape that goes with that of the units.
    """
    # Even without a known ceiling sums over years have to stay finite.
    limit = CEILING_FACTOR * LARGEST_QUANTITY
    top = limit if ceiling is None else np.minimum(np.maximum(ceiling, 0.0), limit)
    # `fmax` takes the number where the other is none.
    clipped: Floats = np.minimum(np.fmax(units, 0.0), top)
    return clipped
