"""How long deliveries take: a mean and a standard deviation as a handful of weighted lead times."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory import normal

# Probabilities of the parts into which lead times are cut, short ones first. The long ones, on which safety
# depends, are cut finely; fewer parts leave steps where demand is steadier than its delivery.
PARTS = np.array([2, 8, 10, 10, 10, 10, 10, 10, 10, 5, 5, 4, 3, 1.5, 1, 0.5]) / 100.0
# Less than this is no time, and nothing of it varies: a millionth of a day.
SHORTEST = 1e-6
EDGES = np.concatenate([[-np.inf], normal.quantile(np.cumsum(PARTS)[:-1]), [np.inf]])


def mixture(mean: Floats, deviation: Floats) -> tuple[Floats, Floats]:
    """Return lead times (N, J) and their weights (J,), from means and standard deviations in days (N,).

    Lead times are lognormal: never negative, now and then very long. Each stands for a part of them by its
    mean, so that the whole mean is kept. J is 1 if no lead time varies. Of a mean of 0 nothing varies.
    """
    if not (deviation > 0).any():
        return mean[:, None], np.ones(1)
    # The mean of a part of a lognormal is a probability of the normal that is moved by its deviation.
    moved = normal.cdf(EDGES[None, :] - log_spread(mean, deviation)[:, None])
    return mean[:, None] * np.diff(moved, axis=1) / PARTS, PARTS


def quantile(mean: Floats, deviation: Floats, level: Floats) -> Floats:
    """Return the days (N,) in which a delivery arrives with probability `level` (N,)."""
    spread = log_spread(mean, deviation)
    return mean * np.exp(spread * normal.quantile(level) - 0.5 * np.square(spread))


def log_spread(mean: Floats, deviation: Floats) -> Floats:
    """Return the standard deviation of the logarithm of a lognormal lead time, (N,)."""
    some = mean > SHORTEST
    variation = np.where(some, deviation / np.where(some, mean, 1.0), 0.0)
    return np.sqrt(np.log1p(np.square(variation)))
