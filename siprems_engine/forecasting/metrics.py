"""Measures of forecast accuracy as plain functions of (h,) arrays; an undefined ratio is NaN."""

from __future__ import annotations

import math

import numpy as np

from siprems_engine.forecasting.series import Floats

ROUNDING = 1e-12


def wape(actual: Floats, forecast: Floats) -> float:
    """Sum of absolute errors over the sum of actuals."""
    return _ratio(float(np.abs(actual - forecast).sum()), float(np.abs(actual).sum()))


def mape(actual: Floats, forecast: Floats) -> float:
    """Mean of absolute errors relative to each actual; days without sales are left out."""
    # So little beside the other days is what a sum of decimals was off by, and no sale to divide by.
    sold = np.abs(actual) > ROUNDING * np.abs(actual).max(initial=0.0)
    return float(np.mean(np.abs((actual - forecast)[sold] / actual[sold]))) if sold.any() else math.nan


def bias(actual: Floats, forecast: Floats) -> float:
    """Sum of forecast minus actual over the sum of actuals; positive means too high."""
    return _ratio(float((forecast - actual).sum()), float(np.abs(actual).sum()))


def mase(actual: Floats, forecast: Floats, training: Floats, season: int = 7) -> float:
    """Mean absolute error over that of the seasonal naive forecast within `training` (n,).

    Hyndman and Koehler (2006), "Another look at measures of forecast accuracy", section 3.
    """
    naive = float(np.abs(training[season:] - training[:-season]).mean()) if len(training) > season else 0.0
    return _ratio(_mean(np.abs(actual - forecast)), naive)


def rmsse(actual: Floats, forecast: Floats, training: Floats, season: int = 7) -> float:
    """Root of the mean squared error over that of the seasonal naive forecast within `training` (n,).

    The M5 competition's scaled error (Makridakis et al. 2022), with the seasonal instead of the plain naive.
    """
    naive = float(((training[season:] - training[:-season]) ** 2).mean()) if len(training) > season else 0.0
    return math.sqrt(_ratio(_mean((actual - forecast) ** 2), naive))


def pinball(actual: Floats, quantile: Floats, level: float) -> float:
    """Mean quantile loss of the `level`-quantile forecast, in units."""
    error = actual - quantile
    return _mean(np.maximum(level * error, (level - 1.0) * error))


def coverage(actual: Floats, lower: Floats, upper: Floats) -> float:
    """Share of actuals within their interval, bounds included."""
    return _mean(((actual >= lower) & (actual <= upper)).astype(np.float64))


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else math.nan


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan
