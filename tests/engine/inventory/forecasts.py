"""Stored forecasts whose truth is known: totals of demand that is drawn in a known way."""

import numpy as np

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop.quantiles import LEVELS
from siprems_engine.inventory import normal
from siprems_engine.inventory.ahead import DemandAhead


def normal_ahead(mean, deviation, horizon=30, step=Step.DAY):
    """Independent normal periods of means and deviations (N,)."""
    mean, deviation = np.atleast_1d(np.asarray(mean, float)), np.atleast_1d(np.asarray(deviation, float))
    periods = np.arange(1, horizon + 1)
    middle, spread = mean[:, None] * periods, deviation[:, None] * np.sqrt(periods)
    totals = middle[:, :, None] + spread[:, :, None] * normal.quantile(np.array(LEVELS))
    return DemandAhead(np.repeat(mean[:, None], horizon, axis=1), np.maximum(totals, 0.0), step)


def drawn_ahead(days):
    """The quantiles of the totals of drawn demand (draws, days) of one product."""
    totals = np.cumsum(days, axis=1)
    quantiles = np.quantile(totals, LEVELS, axis=0).T
    return DemandAhead(days.mean(axis=0)[None, :], quantiles[None, :, :])


def negative_binomial(rng, mean, dispersion, size):
    """Counts whose variance is `dispersion` times their mean."""
    return rng.negative_binomial(mean / (dispersion - 1.0), 1.0 / dispersion, size).astype(float)
