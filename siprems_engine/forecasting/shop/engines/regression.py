"""One Poisson regression over all products and many origins: it corrects a level by what it sees beside it.

It learns from the shop as a whole what a single product's history cannot tell: how promotions begin and end,
how far to follow a burst, a pause or last year, and how that changes with the horizon.
"""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop import poisson
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.engines.origin_fits import OriginFits, Rows, calibration
from siprems_engine.forecasting.shop.features import Features
from siprems_engine.forecasting.shop.poisson import PoissonFit
from siprems_engine.forecasting.step import Step

# Rows to learn from; more make it slower, not better.
ROWS = 25_000
RIDGE = 100.0
HALF_LIFE = {Step.DAY: 200.0, Step.WEEK: 60.0}


class Regression:
    """One version: the base forecast times what the fit makes of its columns."""

    def __init__(self, basis: Basis) -> None:
        self._basis, self._features = basis, Features(basis)
        self._fits = OriginFits(basis.schedule, basis.panel.last, self._fit)
        self.versions = ("regression",) if self._fits.usable else ()

    def at(self, origin: int) -> list[Floats]:
        """Return the forecast."""
        if not self.versions:
            return []
        base, columns = self._features.at(np.arange(self._basis.panel.products), origin)
        fit = self._fits.at(origin)
        return [base if fit is None else base * fit.factor(columns)]

    def _fit(self, until: int) -> PoissonFit | None:
        """Fit on origins whose horizon had passed at `until`; None if there are too few."""
        rows = Rows(self._basis, self._features, until, ROWS, HALF_LIFE[self._basis.panel.step])
        if not rows.enough:
            return None
        # All products of an origin tell the same of a column that they share.
        alike = np.where(self._features.shopwide, self._basis.panel.products, 1.0)
        fit = poisson.fit(rows.columns, rows.units, rows.base, rows.weight, RIDGE * alike)
        return _calibrated(fit, rows)


def _calibrated(fit: PoissonFit, rows: Rows) -> PoissonFit:
    """Raise or lower all forecasts so that their sum comes near that of what sold."""
    shift = calibration(rows.units, rows.base * fit.factor(rows.columns), rows.importance)
    return PoissonFit(fit.centre, fit.scale, fit.keep, fit.intercept + shift, fit.coefficients)
