"""What products sell in all from now until any moment ahead, out of their stored forecasts.

A stored forecast has quantiles of the total of the first 1 to H periods, calibrated on the errors of such
totals in the past. Between two periods the mean goes on evenly and the squared distance of each quantile from
it too, as variances do. Beyond the last period the mean of the last weeks is repeated, and the distances grow
with that power of time with which they grew in the second half of the forecast: the root if periods have
nothing to do with each other, time itself if what is wrong stays wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.quantiles import LEVELS
from siprems_engine.forecasting.step import Step
from siprems_engine.inventory.errors import InvalidPlan

# Periods at the end of a forecast that are repeated: whole weeks.
REPEATED = {Step.DAY: 28, Step.WEEK: 4}
GROWTH_RANGE = (0.5, 1.0)
OUTERMOST = (0, -1)


@dataclass(frozen=True, eq=False)
class DemandAhead:
    """Stored forecasts of N products over H periods of a step.

    `mean` (N, H) is per period, `totals` (N, H, 7) are quantiles at the forecaster's `LEVELS` of the sums of
    the first 1..H periods. `passed` (N,) are days of the forecast that are over (None: none are).
    """

    mean: Floats
    totals: Floats
    step: Step = Step.DAY
    passed: Floats | None = None

    def __post_init__(self) -> None:
        """Raise `InvalidPlan` for shapes that do not fit and numbers that are none."""
        if self.mean.ndim != 2 or self.totals.shape != (*self.mean.shape, len(LEVELS)):
            raise InvalidPlan("Totals must be seven quantiles for each product and period of the means.")
        if not self.mean.shape[1]:
            raise InvalidPlan("There is no period ahead.")
        if not (np.isfinite(self.mean).all() and np.isfinite(self.totals).all()):
            raise InvalidPlan("A forecast is not a finite number.")
        if self.passed is not None and (
            self.passed.shape != (len(self.mean),) or not (self.passed >= 0).all()
        ):
            raise InvalidPlan("There must be a number of days that passed, at least 0, for each product.")

    def __len__(self) -> int:
        """Number of products."""
        return len(self.mean)

    def of(self, products: np.ndarray) -> DemandAhead:
        """Keep some products (n,), by place or by flags."""
        passed = None if self.passed is None else self.passed[products]
        return DemandAhead(self.mean[products], self.totals[products], self.step, passed)

    def expected(self, days: Floats) -> Floats:
        """Return the mean total (N,) from now until so many days (N,) ahead."""
        return self._expected(days / self.step.days)

    def total(self, first: Floats, last: Floats) -> tuple[Floats, Floats]:
        """Return mean (N,) and quantiles (N, 7) of what sells from `first` to `last` days (N,) from now on.

        Quantiles are of totals from the first period on. Totals that begin later have their distances from
        the mean in the same parts of it as those of as many periods from the first on.
        """
        begin, end = first / self.step.days, np.maximum(last, first) / self.step.days
        mean = self._expected(end)
        apart = self._apart(end - begin)
        if begin.any() or self._start.any():
            mean = mean - self._expected(begin)
            same = self._cumulated(end - begin)
            size = np.where(same > 0, mean / np.where(same > 0, same, 1.0), 1.0)
            # A part of the week that sells far more is not as much less certain.
            apart *= np.sqrt(size * np.maximum(size, 1.0))[:, None]
        return mean, np.maximum.accumulate(np.maximum(mean[:, None] + apart, 0.0), axis=1)

    def _expected(self, periods: Floats) -> Floats:
        """Return the mean total (N,) of the periods from now until so many (N,) ahead."""
        return self._cumulated(self._start + periods) - self._passed_sum

    @cached_property
    def _start(self) -> Floats:
        return np.zeros(len(self.mean)) if self.passed is None else self.passed / self.step.days

    @cached_property
    def _passed_sum(self) -> Floats:
        return self._cumulated(self._start)

    @cached_property
    def _sums(self) -> Floats:
        """Mean totals of the first 0..H periods, (N, H + 1)."""
        return np.concatenate([np.zeros((len(self.mean), 1)), np.cumsum(self.mean, axis=1)], axis=1)

    @cached_property
    def _apart_squared(self) -> Floats:
        """Squared distances of quantiles from the mean total with their sign, (N, H + 1, 7)."""
        apart = self.totals - self._sums[:, 1:, None]
        squared = np.sign(apart) * np.square(apart)
        return np.concatenate([np.zeros((len(self.mean), 1, len(LEVELS))), squared], axis=1)

    @cached_property
    def _week(self) -> Floats:
        """Cumulated means (N, w + 1) of the last w periods, which are repeated: whole weeks if it can be."""
        horizon, week = self.mean.shape[1], 7 // self.step.days
        length = min(REPEATED[self.step], horizon // week * week or horizon)
        last = self._sums[:, horizon - length :]
        return last - last[:, :1]

    @cached_property
    def _growth(self) -> Floats:
        """The power of time with which the width of the totals grows, (N,)."""
        horizon = self.mean.shape[1]
        if horizon < 2:
            return np.full(len(self.mean), GROWTH_RANGE[0])
        low, high = OUTERMOST
        width = self.totals[:, :, high] - self.totals[:, :, low]
        half, whole = np.maximum(width[:, horizon // 2 - 1], 1e-9), np.maximum(width[:, -1], 1e-9)
        return np.clip(np.log(whole / half) / np.log(horizon / (horizon // 2)), *GROWTH_RANGE)

    def _cumulated(self, periods: Floats) -> Floats:
        """Return mean totals (N,) of the first so many periods (N,)."""
        horizon = self.mean.shape[1]
        within = _between(self._sums, np.minimum(periods, horizon))
        if (periods <= horizon).all():
            return within
        beyond = np.maximum(periods - horizon, 0.0)
        rounds, rest = np.divmod(beyond, self._week.shape[1] - 1)
        return within + rounds * self._week[:, -1] + _between(self._week, rest)

    def _apart(self, periods: Floats) -> Floats:
        """Return the distances (N, 7) of quantiles from the mean of the first so many periods (N,)."""
        horizon = self.mean.shape[1]
        squared = _between(self._apart_squared, np.minimum(periods, horizon))
        further = np.maximum(periods / horizon, 1.0) ** self._growth
        return np.sign(squared) * np.sqrt(np.abs(squared)) * further[:, None]


def _between(table: Floats, place: Floats) -> Floats:
    """Return each row's values (N[, k]) of a table (N, T[, k]) at places (N,) between its columns."""
    low = np.minimum(np.floor(place).astype(np.int64), table.shape[1] - 2)
    rest = (place - low).reshape(-1, *[1] * (table.ndim - 2))
    row = np.arange(len(table))
    return table[row, low] * (1.0 - rest) + table[row, low + 1] * rest
