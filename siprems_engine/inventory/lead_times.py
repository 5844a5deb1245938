"""How long deliveries take: a mean and a standard deviation as a handful of weighted lead times."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory import normal

NODES = 9


def mixture(mean: Floats, deviation: Floats) -> tuple[Floats, Floats]:
    """Return lead times (N, J) and their weights (J,), from means and standard deviations in days (N,).

    Lead times are lognormal: never negative, now and then very long. The nodes are those of Gauss-Hermite
    quadrature on the logarithm, which keep mean and variance. J is 1 if no lead time varies. Of a mean of 0
    nothing varies.
    """
    if not (deviation > 0).any():
        return mean[:, None], np.ones(1)
    place, weight = np.polynomial.hermite_e.hermegauss(NODES)
    spread = log_spread(mean, deviation)
    lead = mean[:, None] * np.exp(spread[:, None] * place[None, :] - 0.5 * np.square(spread)[:, None])
    return lead, weight / weight.sum()


def quantile(mean: Floats, deviation: Floats, level: Floats) -> Floats:
    """Return the days (N,) in which a delivery arrives with probability `level` (N,)."""
    spread = log_spread(mean, deviation)
    return mean * np.exp(spread * normal.quantile(level) - 0.5 * np.square(spread))


def log_spread(mean: Floats, deviation: Floats) -> Floats:
    """Return the standard deviation of the logarithm of a lognormal lead time, (N,)."""
    variation = np.where(mean > 0, deviation / np.where(mean > 0, mean, 1.0), 0.0)
    return np.sqrt(np.log1p(np.square(variation)))
