"""Forecasts out of sample: what would have been said at several cut-offs of a shop's past."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from siprems_engine.forecasting.errors import InvalidRequest
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.engines import AUTO, MakeEngine
from siprems_engine.forecasting.shop.forecast import forecast_shop, unheard
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.forecasting.shop.panel import Indices, Panel
from siprems_engine.forecasting.shop.quantiles import LEVELS

# A product with fewer periods in which it sold is not forecast: nothing could be said about its errors.
FEWEST_SALES = 8


@dataclass(frozen=True, eq=False)
class Made:
    """Means (N, H), quantiles (N, H, 7) and quantiles of the total over the open periods (N, 7)."""

    mean: Floats
    quantiles: Floats
    totals: Floats


Forecaster = Callable[[Panel, np.ndarray], Made]


@dataclass(frozen=True, eq=False)
class Fold:
    """One cut-off: products (n,), the open periods that follow it (h,), and the forecasts of these.

    `last` and `periods` are places on the calendar of the grid.
    """

    last: int
    products: Indices
    periods: Indices
    made: Made

    def of(self, products: Indices) -> Fold:
        """Keep some products only, in the order of the fold."""
        keep = np.isin(self.products, products)
        made = Made(self.made.mean[keep], self.made.quantiles[keep], self.made.totals[keep])
        return replace(self, products=self.products[keep], made=made)

    def between(self, first: int, last: int) -> Fold:
        """Keep the periods from the `first` to the `last` ahead, counted from 1; their totals are unknown."""
        ahead = self.periods - self.last
        keep = (ahead >= first) & (ahead <= last)
        unknown = np.full_like(self.made.totals, np.nan)
        made = Made(self.made.mean[:, keep], self.made.quantiles[:, keep], unknown)
        return replace(self, periods=self.periods[keep], made=made)


def cutoffs(grid: Grid, horizon: int, count: int) -> list[int]:
    """Return the last known period of each fold, latest first; raises `InvalidRequest` without a past."""
    if horizon < 1 or count < 1:
        raise InvalidRequest("The horizon and the number of cut-offs must be at least 1.")
    places = [len(grid.days) - 1 - i * horizon for i in range(1, count + 1)]
    if places[-1] < 1:
        raise InvalidRequest(
            f"{grid.step.counted(len(grid.days))} of sales are too few for {count} cut-offs of "
            f"{grid.step.counted(horizon)} each; ask for fewer or shorter ones."
        )
    return places


def eligible(grid: Grid, last: int) -> Indices:
    """Return the products with enough sales up to a period."""
    return np.flatnonzero((grid.units[:, : last + 1] > 0).sum(axis=1) >= FEWEST_SALES)


def fold(grid: Grid, last: int, horizon: int, forecaster: Forecaster) -> Fold:
    """Forecast the open periods after a cut-off from what was known then, planned promotions included.

    The fold is empty if no product sold often enough up to the cut-off.
    """
    products = eligible(grid, last)
    ahead = np.arange(last + 1, last + 1 + horizon)
    is_open = grid.open[ahead]
    if not len(products):
        return Fold(last, products, ahead[is_open], _nothing(int(is_open.sum())))
    made = forecaster(grid.panel(last, horizon, products), is_open)
    shown = Made(made.mean[:, is_open], made.quantiles[:, is_open], made.totals)
    return Fold(last, products, ahead[is_open], shown)


def horizon_parts(horizon: int, count: int = 3) -> list[tuple[int, int]]:
    """Part the periods ahead, counted from 1, into at most `count` runs of nearly equal length."""
    runs = np.array_split(np.arange(1, horizon + 1), min(count, horizon))
    return [(int(run[0]), int(run[-1])) for run in runs]


def _nothing(periods: int) -> Made:
    levels = len(LEVELS)
    return Made(np.zeros((0, periods)), np.zeros((0, periods, levels)), np.zeros((0, levels)))


def by_engines(
    names: Sequence[str] = (AUTO,),
    *,
    more: Mapping[str, MakeEngine] | None = None,
    on_step: Callable[[], None] = unheard,
) -> Forecaster:
    """Return what forecasts with the engines of this package, and `more` beside them."""

    def forecaster(panel: Panel, open_ahead: np.ndarray) -> Made:
        made = forecast_shop(panel, names, open_ahead, more=more, on_step=on_step)
        return Made(made.mean, made.quantiles, made.totals[:, -1])

    return forecaster
