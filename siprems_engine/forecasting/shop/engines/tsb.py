"""Intermittent demand by Teunter, Syntetos and Babai (2011): a chance of a sale times its size.

Unlike Croston's method it lets the chance fall while nothing sells, so that a delisted product fades.
"""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.step import Step

# Smoothing of the size and of the chance, for each version.
SMOOTHING = {Step.DAY: ((0.1, 0.02), (0.05, 0.01)), Step.WEEK: ((0.1, 0.1), (0.2, 0.2))}


class Tsb:
    """Two versions, a quicker and a slower one; flat over the horizon."""

    versions = ("tsb 1", "tsb 2")

    def __init__(self, basis: Basis) -> None:
        self._horizon = basis.panel.horizon
        self._rates = [_rates(basis, *smoothing) for smoothing in SMOOTHING[basis.panel.step]]

    def at(self, origin: int) -> list[Floats]:
        """Return the versions' forecasts."""
        return [np.repeat(rates[origin][:, None], self._horizon, axis=1) for rates in self._rates]


def _rates(basis: Basis, of_size: float, of_chance: float) -> dict[int, Floats]:
    """Return units per period, (N,), at every origin. The chance is a plain mean until that is smoother."""
    panel, wanted = basis.panel, set(basis.schedule.all)
    size, chance, seen = (np.zeros(panel.products) for _ in range(3))
    started = np.zeros(panel.products, dtype=bool)
    rates = {}
    for t in range(panel.past):
        units, known = panel.sold[:, t], panel.known[:, t]
        sale = known & (units > 0)
        size = np.where(sale, np.where(started, size + of_size * (units - size), units), size)
        seen += known
        weight = np.maximum(of_chance, 1.0 / np.maximum(seen, 1.0))
        chance = np.where(known, chance + weight * (sale - chance), chance)
        started |= sale
        if t in wanted:
            rates[t] = chance * size
    return rates
