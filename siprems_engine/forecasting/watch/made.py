"""Forecasts that were made in the past, laid over the calendar of what then sold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Flags, Indices

# The quantiles that are kept of every forecast: the bounds of 95 % and 80 %, and the median.
KEPT_LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)


@dataclass(frozen=True, eq=False)
class Made:
    """R forecasts of up to H periods, of products 0..N-1, on a calendar of T periods.

    `origin` (R,) is the place of the last period known to each forecast; it may lie before the calendar and
    is then negative. `mean` (R, H) and `quantiles` (R, H, 5) at `KEPT_LEVELS` are NaN beyond its end.
    """

    product: Indices
    origin: Indices
    mean: Floats
    quantiles: Floats

    @property
    def horizon(self) -> int:
        """The most periods that any of them has, H."""
        return self.mean.shape[1]

    def targets(self) -> Indices:
        """Return the place on the calendar of every period that was forecast, (R, H)."""
        return self.origin[:, None] + 1 + np.arange(self.horizon)


@dataclass(frozen=True, eq=False)
class Newest:
    """For every period of the calendar the last forecast made before it: (N, T) and (N, T, 5), NaN without.

    `ahead` (N, T) says how many periods ahead it looked, 0 without: 1 unless a forecast is missing or the
    shop was closed in between. `row` (N, T) is its place among those made, -1 without.
    """

    mean: Floats
    quantiles: Floats
    ahead: Indices
    row: Indices


def newest(made: Made, products: int, periods: int) -> Newest:
    """Find the newest forecast of every product and period."""
    found = Newest(
        np.full((products, periods), np.nan),
        np.full((products, periods, len(KEPT_LEVELS)), np.nan),
        np.zeros((products, periods), np.int64),
        np.full((products, periods), -1),
    )
    targets, usable = made.targets(), ~np.isnan(made.mean)
    usable &= (targets >= 0) & (targets < periods)
    # From the farthest to the nearest, so that nearer ones take the place of farther ones.
    for ahead in range(made.horizon, 0, -1):
        rows = np.flatnonzero(usable[:, ahead - 1])
        cells = made.product[rows], targets[rows, ahead - 1]
        found.mean[cells] = made.mean[rows, ahead - 1]
        found.quantiles[cells] = made.quantiles[rows, ahead - 1]
        found.ahead[cells] = ahead
        found.row[cells] = rows
    return found


def judged(made: Made, actual: Floats) -> Flags:
    """Tell which periods (R, H) that were forecast are known by now; `actual` (N, T) is NaN where not."""
    targets = made.targets()
    inside = (targets >= 0) & (targets < actual.shape[1]) & ~np.isnan(made.mean)
    sold = actual[made.product[:, None], np.clip(targets, 0, actual.shape[1] - 1)]
    flags: Flags = inside & ~np.isnan(sold)
    return flags
