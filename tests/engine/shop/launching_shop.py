"""An invented shop that launches products all the time, with the truth about each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop import Panel
from siprems_engine.forecasting.shop.panel import Indices
from siprems_engine.forecasting.step import Step

WEEK = np.array([0.8, 0.8, 0.9, 1.0, 1.2, 1.5, 0.8])
CATEGORY_LEVEL = np.array([2.0, 8.0, 30.0])


@dataclass(frozen=True, eq=False)
class LaunchingShop:
    """A panel, the products that are new in it with their age in periods, and what all sell afterwards."""

    panel: Panel
    new: Indices
    age: Indices
    sold_next: Floats


def launching_shop(
    seed: int,
    ages: tuple[int, ...] = (0, 0, 3, 7, 14),
    established: int = 30,
    launched: int = 40,
    past: int = 300,
    horizon: int = 14,
    spread: float = 0.6,
    dispersion: float = 1.8,
) -> LaunchingShop:
    """Levels spread log-normally around those of three categories; sales are negative binomial."""
    rng = np.random.default_rng(seed)
    n = established + launched + len(ages)
    category = rng.integers(0, len(CATEGORY_LEVEL), n)
    level = CATEGORY_LEVEL[category] * np.exp(rng.normal(0.0, spread, n))
    first = np.concatenate(
        [np.zeros(established), rng.integers(20, past - 30, launched), past - np.array(ages)]
    )
    days = np.datetime64("2023-01-02") + np.arange(past + horizon)
    mean = level[:, None] * WEEK[np.arange(past + horizon) % 7]
    sold = rng.poisson(rng.gamma(mean / (dispersion - 1.0)) * (dispersion - 1.0)).astype(float)
    units = np.where(np.arange(past)[None, :] < first[:, None], np.nan, sold[:, :past])
    promo = np.zeros(sold.shape, dtype=bool)
    panel = Panel(days, units, promo, Step.DAY, np.zeros(past + horizon, dtype=bool), category)
    new = np.arange(established + launched, n)
    return LaunchingShop(panel, new, np.array(ages), sold[:, past:])
