"""How far totals may lie off their forecasts: from the errors of such totals in the past.

Products sell more or less together, so that quantiles do not add up, and errors even out less than if
products had nothing to do with each other. The past forecasts of all products were made on the same days:
their errors, added up day by day, hold whatever dependence there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from siprems_engine.forecasting.hierarchy.structure import Hierarchy
from siprems_engine.forecasting.series import Days, Floats
from siprems_engine.forecasting.shop.backtest import Figures, figures
from siprems_engine.forecasting.shop.panel import Flags
from siprems_engine.forecasting.shop.quantiles import (
    ASSUMED_DISPERSION,
    ASSUMED_VARIATION,
    NORMAL,
    PastForecast,
    Spread,
)
from siprems_engine.forecasting.step import Step

# With errors of fewer days nothing is told of sums; the usual spread of the others counts as so many.
FEWEST_ORIGINS, PRIOR = 3, 2.0
FEWEST_FREEDOM = 1.5
TINY = 1e-9


def added_up(hierarchy: Hierarchy, past: Sequence[PastForecast]) -> list[PastForecast]:
    """Add up past forecasts (N, H) of the products and what sold, (K + 1, H), where that is known."""
    return [_added_up(hierarchy, each) for each in past]


def _added_up(hierarchy: Hierarchy, past: PastForecast) -> PastForecast:
    known = ~np.isnan(past.actual)
    counted = hierarchy.totals(known.astype(np.float64)) > 0
    forecast = hierarchy.totals(np.where(known, past.forecast, 0.0))
    actual = hierarchy.totals(np.nan_to_num(past.actual))
    return PastForecast(np.where(counted, forecast, np.nan), np.where(counted, actual, np.nan))


@dataclass(frozen=True, eq=False)
class TotalSpread:
    """Quantiles around forecasts of n totals of one kind, say of all categories, over H periods.

    `past` are forecasts of the same made after each of `origins` (P,); `shape` is (n, H).
    """

    past: Sequence[PastForecast]
    origins: Days
    step: Step
    shape: tuple[int, int]

    @cached_property
    def _spread(self) -> Spread:
        return Spread(self.past, *self.shape)

    def by_period(self, mean: Floats) -> Floats:
        """Return quantiles (n, H, 7) of each period around forecasts (n, H): never negative or crossing."""
        return self._spread.quantiles(mean)

    def of_sums(self, mean: Floats, open_ahead: Flags) -> Floats:
        """Return quantiles (n, H, 7) of the sums over the open ones of the first 1 to H periods.

        There are few past sums of a whole horizon, and those of neighbouring days share most of their
        periods: their root mean square and Student's distribution stand in for their quantiles. Never
        negative, never crossing, and no quantile becomes less with another period.
        """
        expected = np.cumsum(np.where(open_ahead, mean, 0.0), axis=1)
        variance, freedom = self._variance(expected, np.cumsum(open_ahead))
        apart = np.sqrt(variance)[:, :, None] * student(freedom)
        made = np.maximum(expected[:, :, None] * (1.0 + apart), 0.0)
        return np.maximum.accumulate(np.where(open_ahead[:, None], made, 0.0), axis=1)

    def figures(self) -> Figures:
        """Return what the past forecasts of each total were like."""
        return figures(self.past, self._spread, self.shape[0])

    def _variance(self, expected: Floats, periods: np.ndarray) -> tuple[Floats, Floats]:
        """Return the squared relative error of sums, (n, H), and degrees of freedom, (H,)."""
        average = np.maximum(expected / np.maximum(periods, 1), TINY)
        assumed = ASSUMED_DISPERSION / average + ASSUMED_VARIATION**2
        if len(self.past) < FEWEST_ORIGINS:
            return assumed, np.full(expected.shape[1], np.inf)
        sums = [_sums(each) for each in self.past]
        error = np.sum([(actual - forecast) ** 2 for forecast, actual in sums], axis=0)
        size = np.sum([forecast**2 for forecast, _ in sums], axis=0)
        own = np.where(size > 0, error / np.maximum(size, TINY), assumed)
        freedom = self._independent(expected.shape[1])
        if len(own) == 1:
            return own, freedom
        usual = np.median(own, axis=0)
        return (freedom * own + PRIOR * usual) / (freedom + PRIOR), freedom + PRIOR

    def _independent(self, horizon: int) -> Floats:
        """Return how many sums of 1 to H periods the past holds, (H,), those that overlap counted in part."""
        places = np.sort(self.origins.astype("datetime64[D]").astype(np.int64)) / self.step.days
        lengths = np.arange(1, horizon + 1)
        apart = np.minimum(np.diff(places)[:, None] / lengths, 1.0)
        return np.asarray(1.0 + apart.sum(axis=0))


def _sums(past: PastForecast) -> tuple[Floats, Floats]:
    """Return forecasts and what sold, both summed from the first period on, (n, H) each, where known."""
    known = ~np.isnan(past.actual)
    forecast = np.cumsum(np.where(known, past.forecast, 0.0), axis=1)
    return forecast, np.cumsum(np.nan_to_num(past.actual), axis=1)


def student(freedom: Floats) -> Floats:
    """Return Student's quantiles (H, 7) at `LEVELS` for degrees of freedom (H,), infinite ones included.

    By the expansion around the normal distribution (Abramowitz and Stegun, 26.7.5), which is good to 3 % from
    three degrees on; fewer than 1.5 count as that.
    """
    z = np.array(NORMAL)
    share = 1.0 / np.maximum(freedom, FEWEST_FREEDOM)[:, None]
    terms = (
        (z**3 + z) / 4.0,
        (5.0 * z**5 + 16.0 * z**3 + 3.0 * z) / 96.0,
        (3.0 * z**7 + 19.0 * z**5 + 17.0 * z**3 - 15.0 * z) / 384.0,
    )
    return np.asarray(z + sum(term * share ** (place + 1) for place, term in enumerate(terms)))
