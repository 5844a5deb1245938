"""What sold one season ago: the forecast that every other one has to beat."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.seasonal_naive import SEASON
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.running import last_true
from siprems_engine.forecasting.step import Step


class SeasonalNaive:
    """The latest season; the latest known period where that is not known or there are not two seasons."""

    versions = ("seasonal-naive",)

    def __init__(self, basis: Basis) -> None:
        self._panel = basis.panel
        self._latest = last_true(basis.panel.known)
        self._sums = basis.sums

    def at(self, origin: int) -> list[Floats]:
        """Return the forecast."""
        panel, season = self._panel, SEASON[self._panel.step]
        rows = np.arange(panel.products)
        place = self._latest[:, origin]
        latest = np.where(place >= 0, panel.sold[rows, np.maximum(place, 0)], 0.0)
        ahead = np.arange(panel.horizon)
        back = origin + 1 + ahead - season * (1 + ahead // season)
        if back[0] < 0 or (panel.step is Step.WEEK and origin + 1 < 2 * season):
            return [np.repeat(latest[:, None], panel.horizon, axis=1)]
        return [np.where(panel.known[:, back], panel.sold[:, back], latest[:, None])]
