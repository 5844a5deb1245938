"""Intermittent demand by Croston (1972), and with the correction of Syntetos and Boylan (2005)."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis

SMOOTHING = 0.1


class Croston:
    """Smoothed size of a sale over the smoothed time between sales; flat over the horizon."""

    def __init__(self, basis: Basis, *, debiased: bool = False) -> None:
        self.versions = ("sba" if debiased else "croston",)
        self._horizon = basis.panel.horizon
        factor = 1.0 - SMOOTHING / 2.0 if debiased else 1.0
        self._rates = {origin: factor * rate for origin, rate in _rates(basis).items()}

    def at(self, origin: int) -> list[Floats]:
        """Return the forecast."""
        return [np.repeat(self._rates[origin][:, None], self._horizon, axis=1)]


def _rates(basis: Basis) -> dict[int, Floats]:
    """Return units per period, (N,), at every origin; the first sale starts both averages."""
    panel, wanted = basis.panel, set(basis.schedule.all)
    size, gap, since = np.zeros(panel.products), np.ones(panel.products), np.zeros(panel.products)
    started = np.zeros(panel.products, dtype=bool)
    rates = {}
    for t in range(panel.past):
        units, known = panel.sold[:, t], panel.known[:, t]
        since += known
        sale = known & (units > 0)
        weight = np.where(started, SMOOTHING, 1.0)
        size = np.where(sale, size + weight * (units - size), size)
        gap = np.where(sale, gap + weight * (since - gap), gap)
        since[sale] = 0.0
        started |= sale
        if t in wanted:
            rates[t] = size / gap
    return rates
