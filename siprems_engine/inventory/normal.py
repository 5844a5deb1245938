"""The standard normal distribution for arrays of any shape, without scipy: the web process never loads it."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from siprems_engine.forecasting.series import Floats

_erfc = np.frompyfunc(math.erfc, 1, 1)
_inverse = np.frompyfunc(NormalDist().inv_cdf, 1, 1)


def cdf(z: Floats | float) -> Floats:
    """Return the probability of at most `z`."""
    return 0.5 * np.asarray(_erfc(-np.asarray(z, dtype=np.float64) / math.sqrt(2.0)), dtype=np.float64)


def pdf(z: Floats | float) -> Floats:
    """Return the density at `z`."""
    return np.exp(-0.5 * np.square(z)) / math.sqrt(2.0 * math.pi)


def quantile(probability: Floats | float) -> Floats:
    """Return what is not exceeded with a probability strictly between 0 and 1."""
    return np.asarray(_inverse(np.asarray(probability, dtype=np.float64)), dtype=np.float64)


def loss(z: Floats | float) -> Floats:
    """Return the mean excess over `z`, E max(Z - z, 0)."""
    z = np.asarray(z, dtype=np.float64)
    return pdf(z) - z * cdf(-z)
