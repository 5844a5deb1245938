"""Models of one structure stacked into matrices, and their forecasts for the same days in one go.

The arithmetic is that of `evaluator`, row by row; `n` models, `h` days. No sum runs over the models and none
goes through BLAS, so that a product's numbers do not depend, to the last bit, on those it is forecast with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.evaluator import (
    SMALLEST_CHANGE,
    EventEffects,
    LinearGrowthModel,
    ModeTerms,
    Regressor,
)
from siprems_engine.forecasting.series import Floats

# Days of one model and the next one's lie this far apart in the common list of all events.
APART = 2**32


@dataclass(frozen=True, eq=False)
class Horizon:
    """The days to forecast, (h,) ascending days since 1970, with the waves already evaluated on them."""

    day: NDArray[np.int64]
    _waves: dict[bytes, tuple[Floats, Floats]] = field(default_factory=dict)

    def waves(self, rate: Floats) -> tuple[Floats, Floats]:
        """Return sines and cosines, (f, h) each, of waves of `rate` (f,) cycles per day."""
        key = rate.tobytes()
        if key not in self._waves:
            angle = rate[:, None] * (2.0 * np.pi * self.day.astype(np.float64))
            self._waves[key] = np.sin(angle), np.cos(angle)
        return self._waves[key]


class Moments(NamedTuple):
    """Expected value and deviation on the models' own scale, (n, h) each."""

    yhat: Floats
    sigma: Floats

    @property
    def finite(self) -> NDArray[np.bool_]:
        """Which models give usable numbers on all days, (n,)."""
        return np.all(np.isfinite(self.yhat) & np.isfinite(self.sigma), axis=1)


def structure(model: LinearGrowthModel) -> tuple[object, ...]:
    """Return what models must have in common to be stacked."""
    modes = (
        (terms.waves.rate.tobytes(), tuple(regressor.name for regressor in terms.regressors))
        for terms in (model.additive, model.multiplicative)
    )
    return (len(model.trend.delta), *modes)


def evaluate(models: Sequence[LinearGrowthModel], horizon: Horizon) -> Callable[[Floats], Moments]:
    """Evaluate models of one structure whose only regressor may be the promotion flag.

    What is returned gives the forecast under promotion flags (n, h), or (n, 1) for the same on all days.
    """
    t = (horizon.day - _column(m.start_day for m in models)) / _column(m.span_days for m in models)
    y_scale = _column(m.y_scale for m in models)
    trend = _trend(models, t) * y_scale + _column(m.floor for m in models)
    variance = _trend_variance(models, t)
    noise = _column(m.sigma_obs for m in models) ** 2
    additive = _Terms([m.additive for m in models], horizon)
    multiplicative = _Terms([m.multiplicative for m in models], horizon)

    def moments(promo: Floats) -> Moments:
        factor = 1.0 + multiplicative.under(promo)
        yhat = trend * factor + additive.under(promo) * y_scale
        return Moments(yhat, y_scale * np.sqrt(noise + variance * factor**2))

    return moments


class _Terms:
    """What works in one mode: waves and events as one table, (n, h), and the promotion flag's effect."""

    def __init__(self, terms: Sequence[ModeTerms], horizon: Horizon) -> None:
        self._fixed = _wave_sums(terms, horizon) + _event_effects(
            [each.events for each in terms], horizon.day
        )
        self._regressors = list(zip(*(each.regressors for each in terms), strict=True))

    def under(self, promo: Floats) -> Floats:
        """Sum the terms under promotion flags (n, h) or (n, 1)."""
        total = self._fixed
        for group in self._regressors:
            total = total + _standardised(promo, group)
        return total


def _standardised(flags: Floats, group: Sequence[Regressor]) -> Floats:
    mu, std, beta = (_column(getattr(each, name) for each in group) for name in ("mu", "std", "beta"))
    return (flags - mu) / std * beta


def _wave_sums(terms: Sequence[ModeTerms], horizon: Horizon) -> Floats:
    sines, cosines = horizon.waves(terms[0].waves.rate)
    total = np.zeros((len(terms), len(horizon.day)))
    for name, table in (("sine", sines), ("cosine", cosines)):
        coefficients = np.array([getattr(each.waves, name) for each in terms])
        for place, wave in enumerate(table):
            total += coefficients[:, place, None] * wave
    return total


def _event_effects(events: Sequence[EventEffects], day: NDArray[np.int64]) -> Floats:
    """Look the effects up in one list of all models' events within the horizon, sorted by model and day."""
    model = np.repeat(np.arange(len(events)), [len(each.day) for each in events])
    days = np.concatenate([each.day for each in events])
    near = (days >= day[0]) & (days <= day[-1])
    if not near.any():
        return np.zeros((len(events), len(day)))
    known = model[near] * APART + days[near]
    effect = np.concatenate([each.effect for each in events])[near]
    wanted = np.arange(len(events))[:, None] * APART + day
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[place] == wanted, effect[place], 0.0)


def _trend(models: Sequence[LinearGrowthModel], t: Floats) -> Floats:
    """Evaluate the trends at scaled times (n, h); beyond the last changepoint they are straight lines."""
    delta = np.array([m.trend.delta for m in models])
    changepoints = np.array([m.trend.changepoints for m in models])
    slope = delta.sum(axis=1, keepdims=True) + _column(m.trend.k for m in models)
    offset = _column(m.trend.m for m in models) - (delta * changepoints).sum(axis=1, keepdims=True)
    trend = slope * t + offset
    for row in np.flatnonzero(t[:, 0] < changepoints.max(axis=1)).tolist():
        trend[row] = models[row].trend.at(t[row])
    return trend


def _trend_variance(models: Sequence[LinearGrowthModel], t: Floats) -> Floats:
    """Do what `LinearGrowthModel.trend_variance` derives, for scaled times (n, h) that ascend."""
    future = t > 1.0
    count = np.cumsum(future, axis=1)
    n = count[:, -1:]
    first = np.take_along_axis(t, np.argmax(future, axis=1)[:, None], axis=1)
    single = 1.0 / (_column(m.history_rows for m in models) - 1.0)
    step = np.where(n > 1, (t[:, -1:] - first) / np.maximum(n - 1, 1), single)
    delta = np.array([m.trend.delta for m in models])
    chance = np.clip(delta.shape[1] * step, 0.0, 1.0)
    scale = np.abs(delta).mean(axis=1, keepdims=True) + SMALLEST_CHANGE
    variance: Floats = 2.0 * chance * (scale * step) ** 2 * count * (4.0 * count**2 - 1.0) / 12.0
    return np.where(future, variance, 0.0)


def _column(values: Iterable[float]) -> Floats:
    """One number a model as a column, (n, 1)."""
    return np.array(list(values), dtype=np.float64)[:, None]
