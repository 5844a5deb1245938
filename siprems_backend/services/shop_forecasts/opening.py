"""On which of the days to come the shop will be open."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.series import Days
from siprems_engine.forecasting.shop import Grid
from siprems_engine.forecasting.step import Step, weekday

# A weekday without one open day in eight weeks is the shop's day off; so many days must be known to say so.
LOOKED_AT, FEWEST_DAYS = 56, 28


def open_ahead(grid: Grid, last: int, horizon: int) -> NDArray[np.bool_]:
    """Tell the open ones, (H,), of the periods after the place `last` on the calendar; weeks are all open."""
    ahead = grid.days[last] + grid.step.days * np.arange(1, horizon + 1)
    if grid.step is Step.WEEK or last + 1 < FEWEST_DAYS:
        return np.ones(horizon, dtype=bool)
    recent = slice(max(0, last + 1 - LOOKED_AT), last + 1)
    return np.isin(weekday(ahead), _open_weekdays(grid.days[recent], grid.open[recent]))


def _open_weekdays(days: Days, is_open: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.unique(weekday(days[is_open]))
