"""Tracking signals: one number that tells whether a forecast errs to one side.

Errors are what sold less what was forecast, so a positive signal means that the forecast is too low.
"""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats

# Trigg's smoothing constant: the last ten errors or so count.
SMOOTHING = 0.1


def cumulative_signal(errors: Floats) -> Floats:
    """Return the sum of each product's errors (N, T; NaN: not known) over their mean absolute one, (N,).

    NaN without any error; between -n and n of n errors. Brown (1962), "Smoothing, Forecasting and Prediction
    of Discrete Time Series". The usual limits of +-4 to 6 are left by chance alone once
    there are a dozen errors, and by products that rarely sell sooner: `drift` judges, this only tells.
    """
    known = ~np.isnan(errors)
    count = known.sum(axis=1)
    total, size = np.nansum(errors, axis=1), np.nansum(np.abs(errors), axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        signal = total / (size / count)
    return np.where(count == 0, np.nan, np.where(size > 0, signal, 0.0))


def smoothed_signal(errors: Floats, smoothing: float = SMOOTHING) -> Floats:
    """Return the smoothed error over the smoothed absolute error after each period, (N, T), -1 to 1.

    Trigg (1964), "Monitoring a forecasting system", Operational Research Quarterly 15. The first errors are
    averaged with equal weights, so that the signal means something before 1 / `smoothing` of them are known.
    Periods without an error repeat the signal before them, NaN before the first.
    """
    signal = np.full(errors.shape, np.nan)
    error, size, seen = (np.zeros(len(errors)) for _ in range(3))
    latest = np.full(len(errors), np.nan)
    for period in range(errors.shape[1]):
        known = ~np.isnan(errors[:, period])
        seen += known
        weight = np.where(known, np.maximum(smoothing, 1.0 / np.maximum(seen, 1.0)), 0.0)
        value = np.where(known, errors[:, period], 0.0)
        error += weight * (value - error)
        size += weight * (np.abs(value) - size)
        with np.errstate(invalid="ignore", divide="ignore"):
            latest = np.where(known, np.where(size > 0, error / size, 0.0), latest)
        signal[:, period] = latest
    return signal
