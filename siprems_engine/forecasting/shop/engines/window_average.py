"""The mean of the last eight weeks."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.window_average import WINDOW_WEEKS


class WindowAverage:
    """Flat over the horizon."""

    versions = ("window-average",)

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._periods = basis.panel.step.periods(7 * WINDOW_WEEKS)

    def at(self, origin: int) -> list[Floats]:
        """Return the forecast."""
        mean = self._basis.sums.mean(origin + 1 - self._periods, origin + 1)
        return [np.repeat(mean[:, None], self._basis.panel.horizon, axis=1)]
