"""The mean of the same weekday over the last eight weeks."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.engines.window_average import WindowAverage
from siprems_engine.forecasting.step import Step
from siprems_engine.forecasting.window_average import WINDOW_WEEKS


class SeasonalWindow:
    """Weekdays of their own for shops with daily sales; the plain window where the weekday never sold."""

    def __init__(self, basis: Basis) -> None:
        self.versions = ("seasonal-window",) if basis.panel.step is Step.DAY else ()
        self._basis = basis
        self._window = WindowAverage(basis)

    def at(self, origin: int) -> list[Floats]:
        """Return the forecast."""
        panel = self._basis.panel
        if not self.versions:
            return []
        last = np.arange(max(0, origin + 1 - 7 * WINDOW_WEEKS), origin + 1)
        on = panel.weekday[last][:, None] == np.arange(7)[None, :]
        units = panel.sold[:, last] @ on.astype(np.float64)
        known = panel.known[:, last].astype(np.float64) @ on.astype(np.float64)
        ahead = panel.weekday[panel.ahead(origin)]
        mean = (units / np.maximum(known, 1.0))[:, ahead]
        return [np.where(known[:, ahead] > 0, mean, self._window.at(origin)[0])]
