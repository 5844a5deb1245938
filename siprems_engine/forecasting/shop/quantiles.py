"""Quantiles from the errors of the past: by the size of the forecast, scaled per product and distance ahead.

Split conformal prediction (Lei et al. 2018) with errors divided by their usual spread. The spread grows with
the forecast, and the shape of small forecasts is taken from errors of small forecasts alone: half of their
periods sell nothing, so that their lower quantiles are 0 and the upper ones far off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Indices

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
FEWEST_ERRORS = 30
ERRORS_PER_CLASS, MOST_CLASSES = 300, 20
# A product's own spread counts as much as the usual one after so many errors; an outlier is cut at 5.
SPREAD_PRIOR = 20.0
LARGEST_SQUARE = 25.0
# How much the spread may change from the first to the last period ahead.
TILT_RANGE = (-0.5, 0.5)
# Weights and levels were chosen on the very errors that are read here, which makes these a little too small.
# It shows in forecasts of several units; around 0 the counts are too coarse for it.
OPTIMISM, SEVERAL_UNITS = 0.04, 3.0
# Without errors: counting noise, and this share of the forecast beside it.
ASSUMED_DISPERSION, ASSUMED_VARIATION = 1.5, 0.5
NORMAL = (-1.959964, -1.281552, -0.67449, 0.0, 0.67449, 1.281552, 1.959964)
TINY = 1e-6


def pinball(actual: Floats, quantiles: Floats, levels: Sequence[float] = LEVELS) -> Floats:
    """Return the mean pinball loss (N, T) of quantiles (N, T, levels) against what sold (N, T)."""
    level, gap = np.array(levels), actual[:, :, None] - quantiles
    return np.asarray(np.maximum(level * gap, (level - 1.0) * gap).mean(axis=2))


@dataclass(frozen=True, eq=False)
class PastForecast:
    """A forecast (N, H) made at an origin, and what sold then, (N, H; NaN where it does not count)."""

    forecast: Floats
    actual: Floats


@dataclass(frozen=True, eq=False)
class _Errors:
    forecast: Floats
    error: Floats
    product: Indices
    ahead: Indices


class Spread:
    """What errors of the past say of the quantiles around forecasts of the same products and horizon."""

    def __init__(self, past: Sequence[PastForecast], products: int, horizon: int) -> None:
        errors = _gather(past)
        self._known = len(errors.error) >= FEWEST_ERRORS
        if not self._known:
            return
        self._classes = _Classes(errors)
        standard = errors.error / self._classes.spread(errors.forecast)
        self._own = _own_spread(standard, errors.product, products)
        standard = standard / self._own[errors.product]
        self._tilt = _tilt(standard, errors.ahead, horizon)
        self._shapes = self._classes.shapes(standard / self._tilt[errors.ahead])

    def quantiles(self, forecast: Floats) -> Floats:
        """Return quantiles (N, H, 7) at `LEVELS` of a forecast (N, H): never negative, never crossing."""
        if not self._known:
            spread = np.sqrt(ASSUMED_DISPERSION * forecast + (ASSUMED_VARIATION * forecast) ** 2)
            return np.maximum(forecast[:, :, None] + spread[:, :, None] * np.array(NORMAL), 0.0)
        spread = self._classes.spread(forecast) * self._own[:, None] * self._tilt[None, :]
        spread *= 1.0 + OPTIMISM * forecast / (forecast + SEVERAL_UNITS)
        made = forecast[:, :, None] + self._classes.between(self._shapes, forecast) * spread[:, :, None]
        return np.maximum.accumulate(np.maximum(made, 0.0), axis=2)


def _gather(past: Sequence[PastForecast]) -> _Errors:
    parts = []
    for each in past:
        product, ahead = np.nonzero(~np.isnan(each.actual))
        made = each.forecast[product, ahead]
        parts.append((made, each.actual[product, ahead] - made, product, ahead))
    if not parts:
        return _Errors(np.zeros(0), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64))
    return _Errors(*(np.concatenate([part[k] for part in parts]) for k in range(4)))


class _Classes:
    """Errors in classes by the size of their forecast, each with its usual spread."""

    def __init__(self, errors: _Errors) -> None:
        wanted = int(np.clip(len(errors.error) // ERRORS_PER_CLASS, 1, MOST_CLASSES))
        edges = np.unique(np.quantile(errors.forecast, np.arange(1, wanted) / wanted))
        place = np.searchsorted(edges, errors.forecast)
        # Equal forecasts, zeros above all, fall into one class and leave others empty.
        _, self._place = np.unique(place, return_inverse=True)
        count = np.bincount(self._place)
        self._centre = np.log(np.maximum(np.bincount(self._place, errors.forecast) / count, TINY))
        self._spread = np.sqrt(np.bincount(self._place, errors.error**2) / count)
        self._spread = np.maximum(self._spread, 1e-9)

    def spread(self, forecast: Floats) -> Floats:
        """Return usual spread of errors, any shape; above the largest class it grows with the forecast."""
        size = np.log(np.maximum(forecast, TINY))
        usual = np.exp(np.interp(size, self._centre, np.log(self._spread)))
        if len(self._centre) == 1:
            return usual * np.maximum(forecast, 1e-9) / np.exp(self._centre[0])
        return usual * np.maximum(np.exp(size - self._centre[-1]), 1.0)

    def shapes(self, standard: Floats) -> Floats:
        """Return the quantiles of the standardised errors (n,) of each class, (classes, 7)."""
        order = np.argsort(self._place, kind="stable")
        groups = np.split(standard[order], np.cumsum(np.bincount(self._place))[:-1])
        return np.stack([np.quantile(group, LEVELS) for group in groups])

    def between(self, shapes: Floats, forecast: Floats) -> Floats:
        """Return the quantiles (N, H, 7) at the size of each forecast, between those of the classes."""
        size = np.log(np.maximum(forecast, TINY))
        return np.stack([np.interp(size, self._centre, column) for column in shapes.T], axis=2)


def _own_spread(standard: Floats, product: Indices, products: int) -> Floats:
    """Return each product's spread in multiples of the usual one, (N,)."""
    squares = np.bincount(product, np.minimum(standard**2, LARGEST_SQUARE), products)
    count = np.bincount(product, minlength=products)
    return np.sqrt((squares + SPREAD_PRIOR) / (count + SPREAD_PRIOR))


def _tilt(standard: Floats, ahead: Indices, horizon: int) -> Floats:
    """Return the spread of each period ahead in multiples of the mean one, (H,), on a straight line."""
    if horizon == 1:
        return np.ones(1)
    place = np.linspace(-0.5, 0.5, horizon)
    size = np.minimum(np.abs(standard), np.sqrt(LARGEST_SQUARE))
    centred = place[ahead] - place[ahead].mean()
    square = float(centred @ centred)
    slope = float(centred @ size) / square / max(float(size.mean()), 1e-9) if square > 0 else 0.0
    return 1.0 + float(np.clip(slope, *TILT_RANGE)) * place
