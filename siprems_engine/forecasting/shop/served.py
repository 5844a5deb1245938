"""The forecast of a shop as forecasts of its single products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.forecast import Forecast
from siprems_engine.forecasting.series import Days, Floats
from siprems_engine.forecasting.shop.engines import AUTO
from siprems_engine.forecasting.shop.forecast import ShopForecast, forecast_shop
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.forecasting.shop.quantiles import LEVELS
from siprems_engine.forecasting.step import Step


@dataclass(frozen=True, eq=False)
class ServedShop:
    """A forecast of N products over the periods `days` (H,)."""

    days: Days
    step: Step
    made: ShopForecast

    def of(self, product: int, ds: Days) -> Forecast:
        """Return a product's forecast of some of the periods, (h,)."""
        place = (ds - self.days[0]).astype(np.int64) // self.step.days
        return as_forecast(ds, self.made.mean[product, place], self.made.quantiles[product, place], self.step)


def as_forecast(ds: Days, mean: Floats, quantiles: Floats, step: Step, *, bounded: bool = False) -> Forecast:
    """Return a forecast of periods `ds` (h,) with the bounds of 95 %, from means (h,) and quantiles (h, 7).

    Where the bounds exclude the mean, the mean itself is one. Quantiles between the levels that were made lie
    on straight lines between them, those beyond them are the outermost.
    """

    def quantile(level: float) -> Floats:
        return np.array([np.interp(level, LEVELS, row) for row in quantiles])

    lower, upper = np.minimum(quantiles[:, 0], mean), np.maximum(quantiles[:, -1], mean)
    return Forecast(ds, mean, lower, upper, AUTO, bounded, step, quantile)


def serve_shop(grid: Grid, cutoff: np.datetime64, horizon: int) -> ServedShop:
    """Forecast all products of a grid from what was known up to a day, for `horizon` periods after it."""
    last = int((cutoff - grid.days[0]).astype(np.int64)) // grid.step.days
    panel = grid.panel(last, horizon)
    return ServedShop(panel.days[panel.ahead(panel.last)], grid.step, forecast_shop(panel))
