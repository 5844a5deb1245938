"""The theta method: simple smoothing plus half the slope of the line through the history.

Assimakopoulos and Nikolopoulos (2000); as smoothing with drift: Hyndman and Billah (2003). It runs on the
demand without its weekday and promotions.
"""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis

SMOOTHING = 0.1


class Theta:
    """One version, times the effects."""

    versions = ("theta",)

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._levels: dict[int, Floats] = {}
        self._slopes: dict[int, Floats] = {}
        self._run()

    def at(self, origin: int) -> list[Floats]:
        """Return the forecast."""
        steps = np.arange(self._basis.panel.horizon) + 1.0 / SMOOTHING
        level = self._levels[origin][:, None] + 0.5 * self._slopes[origin][:, None] * steps[None, :]
        return [np.maximum(level, 0.0) * self._basis.factors(origin)]

    def _run(self) -> None:
        """Keep the smoothed level and the least-squares slope up to every origin."""
        panel, wanted = self._basis.panel, set(self._basis.schedule.all)
        table = self._basis.effects.table
        level, seen = np.zeros(panel.products), np.zeros(panel.products)
        sums = np.zeros((4, panel.products))
        for t in range(panel.past):
            known = panel.known[:, t]
            units = np.where(known, panel.sold[:, t] / np.maximum(table[:, t], 1e-9), 0.0)
            seen += known
            weight = np.maximum(SMOOTHING, 1.0 / np.maximum(seen, 1.0))
            level = np.where(known, level + weight * (units - level), level)
            sums += known * np.stack([np.full_like(units, t), np.full_like(units, t * t), units, t * units])
            if t in wanted:
                self._levels[t], self._slopes[t] = level.copy(), _slope(seen, *sums)


def _slope(n: Floats, t: Floats, tt: Floats, y: Floats, ty: Floats) -> Floats:
    spread = n * tt - t * t
    return np.where(spread > 0, (n * ty - t * y) / np.maximum(spread, 1e-9), 0.0)
