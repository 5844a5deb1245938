"""What to expect of a product that has never sold: anything that products of its kind sell."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.quantiles import LEVELS

# With fewer products of its kind nothing can be said about how different they are.
FEWEST_PEERS = 3
# The share of a distribution that each of its quantiles stands for: up to half-way to the next ones.
_BORDERS = np.array([0.0, *np.add(LEVELS[1:], LEVELS[:-1]) / 2.0, 1.0])
SHARES = np.diff(_BORDERS)


def mean_of_peers(mean: Floats) -> Floats:
    """Return the mean (H,) of a product that may be any of those with the means (M, H)."""
    return np.asarray(mean.mean(axis=0), dtype=np.float64)


def quantiles_of_peers(quantiles: Floats) -> Floats:
    """Return the quantiles (H, 7) of the mixture of M distributions given by theirs, (M, H, 7).

    A newcomer may become a best seller or a slow mover, so its bounds are as far apart as its peers are.
    """
    peers, horizon, levels = quantiles.shape
    values = quantiles.transpose(1, 0, 2).reshape(horizon, peers * levels)
    order = np.argsort(values, axis=1)
    weight = np.tile(SHARES / peers, peers)[order]
    middle = np.cumsum(weight, axis=1) - weight / 2.0
    ordered = np.take_along_axis(values, order, axis=1)
    rows = [np.interp(LEVELS, at, units) for at, units in zip(middle, ordered, strict=True)]
    return np.array(rows).reshape(horizon, levels)
