"""A trained linear-growth Prophet model as plain arrays, and its forecast in closed form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.errors import InvalidRequest
from siprems_engine.forecasting.series import Days, Floats

SECONDS_PER_DAY = 86400.0
# Prophet adds this to the mean trend change so that a model without any change still has a scale.
SMALLEST_CHANGE = 1e-8


@dataclass(frozen=True, eq=False)
class Prediction:
    """A forecast on the model's own scale, (h,) each, in the order of the days asked for.

    If several cases were asked for, all but the trend are (c, h).
    """

    yhat: Floats
    lower: Floats
    upper: Floats
    trend: Floats
    sigma: Floats

    def quantile(self, p: float) -> Floats:
        """Return the p-quantile of each day, shaped as yhat; `p` lies strictly between 0 and 1."""
        if not 0.0 < p < 1.0:
            raise InvalidRequest(f"A quantile level must lie between 0 and 1, not {p}.")
        return self.yhat + normal_quantile(p) * self.sigma


@lru_cache(maxsize=256)
def normal_quantile(p: float) -> float:
    """Return the p-quantile of the standard normal distribution, 0 < p < 1."""
    return NormalDist().inv_cdf(p)


@dataclass(frozen=True, eq=False)
class Trend:
    """The trend in scaled time: slope `k`, offset `m`, slope changes `delta` (S,) at `changepoints` (S,)."""

    k: float
    m: float
    delta: Floats
    changepoints: Floats

    def at(self, t: Floats) -> Floats:
        """Evaluate the trend at scaled times (h,)."""
        passed = (self.changepoints[None, :] <= t[:, None]) * self.delta
        return (passed.sum(axis=1) + self.k) * t + self.m - passed @ self.changepoints

    @cached_property
    def change_scale(self) -> float:
        """Scale of the Laplace distribution that future slope changes are drawn from."""
        return float(np.abs(self.delta).mean()) + SMALLEST_CHANGE if len(self.delta) else SMALLEST_CHANGE


@dataclass(frozen=True, eq=False)
class Waves:
    """All Fourier terms of one mode: `rate` (F,) cycles per day, coefficients `sine` and `cosine` (F,)."""

    rate: Floats
    sine: Floats
    cosine: Floats

    def at(self, day: Floats) -> Floats:
        """Sum the waves on days since 1970-01-01, (h,)."""
        if not len(self.rate):
            return np.zeros(len(day))
        angle = (2.0 * np.pi * day)[:, None] * self.rate
        return np.sin(angle) @ self.sine + np.cos(angle) @ self.cosine


@dataclass(frozen=True, eq=False)
class EventEffects:
    """The summed effect of all events per day: `day` (E,) sorted days since 1970-01-01, `effect` (E,)."""

    day: NDArray[np.int64]
    effect: Floats

    def at(self, day: NDArray[np.int64]) -> Floats:
        """Look the effect up for days (h,); 0 where no event is near."""
        if not len(self.day):
            return np.zeros(len(day))
        place = np.minimum(np.searchsorted(self.day, day), len(self.day) - 1)
        return np.where(self.day[place] == day, self.effect[place], 0.0)


@dataclass(frozen=True)
class Regressor:
    """One extra regressor: its name, the standardisation of the training data and its coefficient."""

    name: str
    mu: float
    std: float
    beta: float


@dataclass(frozen=True, eq=False)
class ModeTerms:
    """Everything that works in one mode, additive or multiplicative."""

    waves: Waves
    events: EventEffects
    regressors: tuple[Regressor, ...]

    def at(self, day: NDArray[np.int64], values: Mapping[str, Floats]) -> Floats:
        """Sum the terms on days since 1970-01-01, (h,), in units of the scaled series.

        Regressor values of several cases, (c, h), give as many sums.
        """
        total = self.waves.at(day.astype(np.float64)) + self.events.at(day)
        for regressor in self.regressors:
            total = total + (values[regressor.name] - regressor.mu) / regressor.std * regressor.beta
        return total


@dataclass(frozen=True, eq=False)
class LinearGrowthModel:
    """The parameters of a fitted Prophet model with linear growth and one set of parameters (MAP)."""

    start_day: int
    span_days: int
    history_rows: int
    y_scale: float
    floor: float
    sigma_obs: float
    interval_width: float
    trend: Trend
    additive: ModeTerms
    multiplicative: ModeTerms
    prophet_version: str

    @property
    def start(self) -> np.datetime64:
        """First day of the training history."""
        return np.datetime64(self.start_day, "D")

    @property
    def last_day(self) -> np.datetime64:
        """Last day of the training history."""
        return np.datetime64(self.start_day + self.span_days, "D")

    @property
    def regressor_names(self) -> tuple[str, ...]:
        """Names of the regressors a forecast needs values for."""
        return tuple(r.name for r in (*self.additive.regressors, *self.multiplicative.regressors))

    @property
    def largest_fitted(self) -> float:
        """The largest value the training rows can have had, on the model's scale."""
        return self.floor + self.y_scale

    def predict(self, ds: Days, regressors: Mapping[str, Floats]) -> Prediction:
        """Forecast the days `ds` (h,) with regressor values (h,) each, or (c, h) for several cases at once.

        The arithmetic is that of `Prophet.predict`. The interval has the standard deviation of what Prophet
        simulates (see `trend_variance`) and a normal shape, which is exact while noise outweighs the trend's
        uncertainty, as it does over the weeks a shop plans ahead. Raises `InvalidRequest` for missing or
        non-finite regressor values.
        """
        day = _day_numbers(ds)
        values = {name: _regressor(name, regressors, len(day)) for name in self.regressor_names}
        t = (day - self.start_day) / self.span_days
        trend = self.trend.at(t) * self.y_scale + self.floor
        factor = 1.0 + self.multiplicative.at(day, values)
        yhat = trend * factor + self.additive.at(day, values) * self.y_scale
        sigma = self.y_scale * np.sqrt(self.sigma_obs**2 + self.trend_variance(t) * factor**2)
        half = normal_quantile(0.5 + self.interval_width / 2.0) * sigma
        return Prediction(yhat, yhat - half, yhat + half, trend, sigma)

    def trend_variance(self, t: Floats) -> Floats:
        """Variance of the simulated future trend at scaled times (h,), in units of the scaled series.

        Prophet (`_sample_uncertainty`, `_make_trend_shift_matrix`) walks through the future rows in equal
        steps d: at each the slope changes with probability p = S d by a Laplace draw of scale b, half of it
        at once and half one step later. After n steps a change q + 1/2 steps ago has moved the trend by that
        many steps, so the variance is 2 p b^2 d^2 times the sum of (q + 1/2)^2 over q < n, which is
        n (4 n^2 - 1) / 12.
        """
        future = t > 1.0
        n = int(future.sum())
        variance = np.zeros(len(t))
        if n:
            order = np.argsort(t[future], kind="stable")
            step = self._future_step(t[future][order])
            chance = min(max(len(self.trend.changepoints) * step, 0.0), 1.0)
            scale = self.trend.change_scale
            count = np.empty(n)
            count[order] = np.arange(1, n + 1)
            variance[future] = 2.0 * chance * (scale * step) ** 2 * count * (4.0 * count**2 - 1.0) / 12.0
        return variance

    def _future_step(self, t: Floats) -> float:
        """Return Prophet's step: the mean distance of the future rows, of the history's for a single one."""
        if len(t) > 1:
            return float(t[-1] - t[0]) / (len(t) - 1)
        return 1.0 / (self.history_rows - 1)


def _day_numbers(ds: Days) -> NDArray[np.int64]:
    days = np.asarray(ds, dtype="datetime64[D]")
    if days.ndim != 1 or np.isnat(days).any():
        raise InvalidRequest("The days to forecast must be a list of valid dates.")
    return days.astype(np.int64)


def _regressor(name: str, regressors: Mapping[str, Floats], h: int) -> Floats:
    if name not in regressors:
        raise InvalidRequest(f"The model needs values of {name!r} for the days to forecast.")
    values = np.asarray(regressors[name], dtype=np.float64)
    if values.shape[-1:] != (h,) or values.ndim > 2 or not np.isfinite(values).all():
        raise InvalidRequest(f"The values of {name!r} must be {h} finite numbers, one for each day.")
    return values
