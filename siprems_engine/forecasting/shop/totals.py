"""Quantiles of what sells in all from now until each period ahead: what an order has to last for.

They come from the errors of such sums in the past, not from sums of quantiles: good and bad days even out,
but not as if they had nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Flags
from siprems_engine.forecasting.shop.quantiles import LEVELS, PastForecast, Spread


def totals(mean: Floats, past: Sequence[PastForecast], open_ahead: Flags | None = None) -> Floats:
    """Return quantiles (N, H, 7) of the sum over the open ones of the first 1 to H periods of `mean` (N, H).

    `open_ahead` (H,) tells the open periods (None: all). Never negative, never crossing, and no quantile
    becomes less with another day.
    """
    periods = np.ones(mean.shape[1], dtype=bool) if open_ahead is None else open_ahead
    sums = [_Sums(each) for each in past]
    made = np.zeros((*mean.shape, len(LEVELS)))
    expected, passed = np.cumsum(np.where(periods, mean, 0.0), axis=1), np.cumsum(periods)
    for place in np.flatnonzero(periods).tolist():
        average = expected[:, [place]] / passed[place]
        spread = Spread([each.until(place) for each in sums], len(mean), 1)
        made[:, place] = spread.quantiles(average)[:, 0] * passed[place]
    return np.maximum.accumulate(made, axis=1)


class _Sums:
    """A past forecast and what sold, summed from its first period on, where the latter is known."""

    def __init__(self, past: PastForecast) -> None:
        known = ~np.isnan(past.actual)
        self._periods = np.cumsum(known, axis=1)
        self._forecast = np.cumsum(np.where(known, past.forecast, 0.0), axis=1)
        self._actual = np.cumsum(np.where(known, past.actual, 0.0), axis=1)

    def until(self, place: int) -> PastForecast:
        """Compare averages per period, since the shop was open on more or fewer of them."""
        periods = self._periods[:, [place]]
        divisor = np.maximum(periods, 1)
        actual = np.where(periods > 0, self._actual[:, [place]] / divisor, np.nan)
        return PastForecast(self._forecast[:, [place]] / divisor, actual)
