"""Drift: whether a product's sales have left its forecasts, and since when.

A generalised likelihood ratio test for a change of the mean at an unknown time (Lorden 1971, "Procedures for
reacting to a change in distribution"; Basseville and Nikiforov 1993, section 2.4), read backwards from the
last known period: of all final stretches the one whose mean error is the most unlikely. Unlike a CUSUM it
need not be told how large a change to look for, and it names the period in which the change began.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Flags, Indices

# Fewer errors than this are never called a drift, and a product needs so many before it is judged.
SHORTEST, FEWEST = 5, 8
# Above it a product has drifted. Of products whose forecasts are right fewer than one of 200 are above it at
# any time: counting noise, overdispersed, intermittent and correlated errors were simulated (see the tests).
THRESHOLD = 4.5
# Beyond it the whole time looked back on is biased: fewer than one of 50 good products is.
BIAS_THRESHOLD = 3.3
# One day's error counts as this many usual ones at most: a single large order is no drift.
LARGEST = 3.0
# The product's own spread counts as much as the one its forecast claims after so many errors.
SPREAD_PRIOR = 10.0
APART = 7
# Distance of the 0.1 and 0.9 quantiles of a normal distribution.
NORMAL_80 = 2.563103


@dataclass(frozen=True, eq=False)
class Drift:
    """Of every product (N,): the signed statistic, whether it is beyond the threshold, where it began.

    `statistic` is NaN for products with too few errors and positive where more sold than was forecast;
    `since` is the place of the period in which the stretch begins, -1 without one. `biased` (N,) tells who
    errs to one side over all periods.
    """

    statistic: Floats
    drifted: Flags
    since: Indices
    biased: Flags


def standardised(actual: Floats, mean: Floats, low: Floats, high: Floats) -> Floats:
    """Return errors in multiples of the spread that the forecast claims, same shape, NaN where unknown.

    `low` and `high` are the 0.1 and 0.9 quantiles. Where they say nothing, as for products that rarely sell,
    the spread is that of counting (Poisson) noise. Errors are winsorised at `LARGEST`.
    """
    claimed = (high - low) / NORMAL_80
    spread = np.maximum(np.maximum(claimed, np.sqrt(np.maximum(mean, 0.0))), 1e-9)
    scaled = (actual - mean) / spread
    # A product that is forecast as 0 has no spread: its first sale is as large an error as can be.
    return np.clip(np.where(actual == mean, 0.0, scaled), -LARGEST, LARGEST)


def detect(errors: Floats, threshold: float = THRESHOLD) -> Drift:
    """Look for a drift that lasts until now in standardised errors (N, T > 0; NaN: not known)."""
    known = ~np.isnan(errors)
    value = np.where(known, errors, 0.0)
    count = np.cumsum(known[:, ::-1], axis=1)[:, ::-1]
    total = np.cumsum(value[:, ::-1], axis=1)[:, ::-1]
    candidate = known & (count >= SHORTEST)
    ratio = np.where(candidate, total / np.sqrt(np.maximum(count, 1)), 0.0) / _own_spread(errors)[:, None]
    since = np.argmax(np.abs(ratio), axis=1)
    judged = known.sum(axis=1) >= FEWEST
    statistic = np.where(judged, np.take_along_axis(ratio, since[:, None], axis=1)[:, 0], np.nan)
    drifted = judged & (np.abs(statistic) > threshold)
    first = np.argmax(known, axis=1)
    whole = np.take_along_axis(ratio, first[:, None], axis=1)[:, 0]
    biased = judged & (np.abs(whole) > BIAS_THRESHOLD)
    return Drift(statistic, drifted, np.where(drifted, since, -1), biased)


def _own_spread(errors: Floats) -> Floats:
    """Return each product's spread in multiples of the claimed one, (N,), at least 1 / 2.

    From differences of errors (von Neumann 1941), which a change of the mean hardly enlarges: of successive
    ones and of such `APART` periods apart, whichever are larger, since those of correlated errors are small
    when close together.
    """
    packed, count = _packed(errors)
    variances = [_variance(packed, count, lag) for lag in (1, APART)]
    return np.sqrt(np.maximum(np.maximum(*variances), 0.25))


def _variance(packed: Floats, count: Indices, lag: int) -> Floats:
    """Return half the mean squared difference of errors a lag apart, (N,), drawn towards 1."""
    differences = packed[:, lag:] - packed[:, :-lag] if packed.shape[1] > lag else packed[:, :0]
    squares = np.nansum(differences**2, axis=1) / 2.0
    return (squares + SPREAD_PRIOR) / (np.maximum(count - lag, 0) + SPREAD_PRIOR)


def _packed(errors: Floats) -> tuple[Floats, Indices]:
    """Return the known errors of each product one after the other, NaN behind them, and how many."""
    known = ~np.isnan(errors)
    order = np.argsort(~known, axis=1, kind="stable")
    return np.take_along_axis(errors, order, axis=1), known.sum(axis=1)
