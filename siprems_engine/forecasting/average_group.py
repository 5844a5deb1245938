"""Window averages of many products, forecast for the same days in one go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siprems_engine.forecasting.series import Days, Floats
from siprems_engine.forecasting.step import weekday
from siprems_engine.forecasting.window_average import LEVELS, WindowAverage, spread


def predict_averages(
    averages: Sequence[WindowAverage], ds: Days, width: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return yhat, lower and upper, (n, h) units each, for days (h,) and interval widths (n,).

    The rules are those of `WindowAverage.predict`, row by row.
    """
    weekdays = np.array([average.weekdays for average in averages])
    residuals = np.array([average.residuals for average in averages])
    yhat = weekdays[:, weekday(ds)]
    # On the shop's day off nothing is sold, whatever the residuals of the other days say.
    shut = (yhat == 0) & (weekdays.max(axis=1, keepdims=True) > 0)
    lower, upper = (
        np.where(shut, 0.0, np.maximum(yhat + _interpolated(residuals, p)[:, None] * spread(yhat), 0.0))
        for p in (0.5 - width / 2.0, 0.5 + width / 2.0)
    )
    return yhat, np.minimum(lower, yhat), np.maximum(upper, yhat)


def _interpolated(residuals: Floats, p: Floats) -> Floats:
    """Return the residual at level p (n,) of each row (n, levels); beyond the outermost levels it is flat."""
    levels = np.array(LEVELS)
    inside = np.clip(p, levels[0], levels[-1])
    place = np.clip(np.searchsorted(levels, inside, side="right") - 1, 0, len(levels) - 2)
    row = np.arange(len(residuals))
    below, above = residuals[row, place], residuals[row, place + 1]
    share: Floats = (inside - levels[place]) / (levels[place + 1] - levels[place])
    return below + (above - below) * share
