"""The forecasts that would have been available at each review of the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.engines import AUTO
from siprems_engine.forecasting.shop.forecast import forecast_shop
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.forecasting.shop.panel import Flags, Indices
from siprems_engine.forecasting.step import Step
from siprems_engine.inventory.ahead import DemandAhead


@dataclass(frozen=True, eq=False)
class Rolling:
    """Forecasts of the whole shop at any period of its past, of which only some products are looked at."""

    grid: Grid
    products: Indices
    horizon: int
    engines: Sequence[str] = (AUTO,)

    def at(self, last: int) -> DemandAhead:
        """Return the forecasts of the products (n,) from what was known up to the period `last`."""
        ahead = np.arange(last + 1, last + 1 + self.horizon)
        made = forecast_shop(self.grid.panel(last, self.horizon), self.engines, open_on(self.grid, ahead))
        is_open = open_on(self.grid, ahead)
        mean = np.where(is_open, made.mean, 0.0)[self.products]
        return DemandAhead(mean, made.totals[self.products], self.grid.step)


def open_on(grid: Grid, periods: Indices) -> Flags:
    """Tell whether the shop is open in periods (H,), which may lie beyond the calendar.

    Then it is if it was on any of the same weekdays of the last eight weeks.
    """
    week = 7 if grid.step is Step.DAY else 1
    known = len(grid.days)
    recent = grid.open[-8 * week :]
    place = np.arange(known - len(recent), known) % week
    usual = np.array([recent[place == each].any() for each in range(week)])
    return np.where(periods < known, grid.open[np.minimum(periods, known - 1)], usual[periods % week])


def averages(grid: Grid, products: Indices, last: int) -> tuple[Floats, Floats]:
    """Return mean and standard deviation (n,) of a day's demand up to a period, over a year at most.

    Closed days are days without demand here: orders have to last over them like over any other.
    """
    year = 365 // grid.step.days
    units = grid.units[products, max(0, last + 1 - year) : last + 1]
    known = ~np.isnan(units)
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.nansum(units, axis=1) / count
    square = np.where(known, np.square(units - mean[:, None]), 0.0).sum(axis=1) / np.maximum(count - 1, 1)
    return mean / grid.step.days, np.sqrt(square / grid.step.days)
