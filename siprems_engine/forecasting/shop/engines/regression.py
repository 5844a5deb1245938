"""One Poisson regression over all products and many origins: it corrects a level by what it sees beside it.

It learns from the shop as a whole what a single product's history cannot tell: how promotions begin and end,
how far to follow a burst, a pause or last year, and how that changes with the horizon.
"""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop import poisson
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.features import Features
from siprems_engine.forecasting.shop.panel import Indices
from siprems_engine.forecasting.shop.poisson import PoissonFit, Singles
from siprems_engine.forecasting.shop.schedule import ENOUGH
from siprems_engine.forecasting.step import Step

# Rows to learn from; more make it slower, not better.
ROWS = 25_000
FEWEST_ROWS, FEWEST_ORIGINS = 200, 3
# The errors of the days of one window go together: as much information as this part of them.
INDEPENDENT = 1.0 / 3.0
RIDGE = 200.0
HALF_LIFE = {Step.DAY: 200.0, Step.WEEK: 60.0}
SMALLEST_DISPERSION = 0.3
SIZE_PRIOR = 14.0
# How far the sum of the forecasts is drawn to the sum of what sold, and by which factors at most.
CALIBRATED = 0.6
CALIBRATION_RANGE = (0.7, 1.4)


class Regression:
    """Two fits: one that knows nothing of the origins on which engines are compared, one of everything."""

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._features: Features | None = None
        self._judged: PoissonFit | None = None
        self._final: PoissonFit | None = None
        schedule = basis.schedule
        if len(schedule.compared) >= 2 and len(schedule.learned) >= FEWEST_ORIGINS:
            self._features = Features(basis)
            self._judged = self._fit(schedule.compared[-1])
            self._final = self._fit(basis.panel.last) if self._judged else None
        self.versions = ("regression",) if self._final else ()

    def at(self, origin: int) -> list[Floats]:
        """Return the forecast."""
        fit = self._final if origin == self._basis.panel.last else self._judged
        if not self._features or not fit:
            return []
        base, columns = self._features.at(np.arange(self._basis.panel.products), origin)
        return [base * fit.factor(columns)]

    def _fit(self, until: int) -> PoissonFit | None:
        """Fit on origins whose horizon had passed at `until`; None if there are too few."""
        panel = self._basis.panel
        origins = [origin for origin in self._basis.schedule.learned if origin <= until - panel.horizon]
        if len(origins) < FEWEST_ORIGINS:
            return None
        wanted = int(np.ceil(ROWS / (len(origins) * panel.horizon)))
        every = int(np.ceil(panel.products / max(1, wanted)))
        rows = _Rows(self._basis, self._features or Features(self._basis), origins, every)
        if len(rows.units) < FEWEST_ROWS:
            return None
        recency = 0.5 ** ((until - rows.origin) / HALF_LIFE[panel.step])
        weight = recency * INDEPENDENT * every / rows.dispersion()
        fit = poisson.fit(rows.columns, rows.units, rows.base, weight, RIDGE)
        return _calibrated(fit, rows, recency)


class _Rows:
    """Products and periods ahead of the origins, every so many products in turns where there are many."""

    def __init__(self, basis: Basis, features: Features, origins: list[int], every: int) -> None:
        self._size = features.size
        # Neighbours in size are learned from in turns; the order must not depend on that of the products.
        order = np.lexsort((basis.sums.units(0, basis.panel.past), features.size))
        parts = [
            self._part(basis, features, order[place % every :: every], origin)
            for place, origin in enumerate(origins)
        ]
        self.columns: Singles = np.concatenate([part[0] for part in parts])
        self.units, self.base = (np.concatenate([part[k] for part in parts]) for k in (1, 2))
        self.product: Indices = np.concatenate([part[3] for part in parts])
        self.origin = np.repeat(origins, [len(part[1]) for part in parts])
        self.size: Floats = self._size[self.product]

    @staticmethod
    def _part(
        basis: Basis, features: Features, products: Indices, origin: int
    ) -> tuple[Singles, Floats, Floats, Indices]:
        products = products[basis.history_is_enough(origin, ENOUGH)[products]]
        base, columns = features.at(products, origin)
        ahead = np.ix_(products, basis.panel.ahead(origin))
        usable = basis.panel.known[ahead] & (base > 0)
        units = basis.panel.sold[ahead][usable]
        return columns[usable], units, base[usable], products[np.nonzero(usable)[0]]

    def dispersion(self) -> Floats:
        """Return the variance over the mean of each row's product, shrunk to what is usual at its size."""
        n = len(self._size)
        squares = np.bincount(self.product, (self.units - self.base) ** 2, n)
        expected = np.bincount(self.product, self.base, n)
        seen = expected > 0
        usual = np.median(squares[seen] / expected[seen] / self._size[seen]) * self._size
        prior = SIZE_PRIOR * self._size
        ratio = (squares + prior * usual) / (expected + prior)
        return np.maximum(ratio, SMALLEST_DISPERSION)[self.product]


def _calibrated(fit: PoissonFit, rows: _Rows, recency: Floats) -> PoissonFit:
    """Raise or lower all forecasts so that their sum comes near that of what sold.

    The fit weighs steady products most and would miss the rare bulk sales of the others. Here large products
    count more than small ones, but not by all their units.
    """
    weight = recency / np.sqrt(rows.size)
    ratio = float(weight @ rows.units) / max(float(weight @ (rows.base * fit.factor(rows.columns))), 1e-9)
    shift = CALIBRATED * float(np.log(np.clip(ratio, *CALIBRATION_RANGE)))
    return PoissonFit(fit.centre, fit.scale, fit.keep, fit.intercept + shift, fit.coefficients)
