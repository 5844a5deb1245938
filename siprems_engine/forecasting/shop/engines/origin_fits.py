"""Fits to origins of the past, each used only where it knows nothing of what it is to forecast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.features import Features
from siprems_engine.forecasting.shop.panel import Indices
from siprems_engine.forecasting.shop.poisson import Singles
from siprems_engine.forecasting.shop.schedule import ENOUGH, Schedule

FEWEST_ROWS, FEWEST_ORIGINS = 200, 3
# The errors of the days of one window go together: as much information as this part of them.
INDEPENDENT = 1.0 / 3.0
SMALLEST_DISPERSION = 0.3
SIZE_PRIOR = 14.0
# How far the sum of the forecasts is drawn to the sum of what sold, and by which factors at most.
CALIBRATED = 0.6
CALIBRATION_RANGE = (0.7, 1.4)

Fit = TypeVar("Fit")


class OriginFits(Generic[Fit]):
    """A fit for the forecast that is asked for and one for each block of judged origins, if `usable`."""

    def __init__(self, schedule: Schedule, last: int, make: Callable[[int], Fit | None]) -> None:
        self._fits: dict[int, Fit | None] = {}
        self.usable = False
        if not schedule.judged:
            return
        for block in schedule.blocks:
            fit = make(min(block))
            self._fits |= dict.fromkeys(block, fit)
        self._fits[last] = make(last) if self._fits[schedule.judged[0]] else None
        self.usable = self._fits[last] is not None

    def at(self, origin: int) -> Fit | None:
        """Return the fit to forecast with from an origin; None where too little had been seen."""
        return self._fits[origin]


class Rows:
    """Products and periods ahead of origins, every so many products in turns where there are many.

    The `origins` are all whose horizon had passed at `until`, unless some are given.

    `columns` (n, p), `units` and `base` (n,): what sold and what the base forecast was; `weight` (n,) is the
    information of a row per unit expected, `importance` (n,) what it counts in sums. `enough` tells whether
    there is something to learn from: the `fewest` origins and rows.
    """

    def __init__(
        self,
        basis: Basis,
        features: Features,
        until: int,
        most: int,
        half_life: float,
        *,
        origins: Sequence[int] | None = None,
        fewest: tuple[int, int] = (FEWEST_ORIGINS, FEWEST_ROWS),
    ) -> None:
        panel = basis.panel
        origins = basis.schedule.learned(until) if origins is None else origins
        wanted = int(np.ceil(most / max(1, len(origins) * panel.horizon)))
        every = int(np.ceil(panel.products / max(1, wanted)))
        self._size = features.size
        # Neighbours in size are learned from in turns; the order must not depend on that of the products.
        order = np.lexsort((basis.sums.units(0, panel.past), features.size))
        parts = [
            _part(basis, features, order[place % every :: every], origin)
            for place, origin in enumerate(origins)
        ]
        self.enough = len(origins) >= fewest[0] and sum(len(part[1]) for part in parts) >= fewest[1]
        if not self.enough:
            return
        self.columns: Singles = np.concatenate([part[0] for part in parts])
        self.units, self.base = (np.concatenate([part[k] for part in parts]) for k in (1, 2))
        self.product: Indices = np.concatenate([part[3] for part in parts])
        self.size: Floats = self._size[self.product]
        age = until - np.repeat(origins, [len(part[1]) for part in parts])
        self.recency: Floats = 0.5 ** (age / half_life)
        # For sums: large products count more than small ones, but not by all their units.
        self.importance: Floats = self.recency / np.sqrt(self.size)
        self.weight: Floats = self.recency * INDEPENDENT * every / self._dispersion()

    def _dispersion(self) -> Floats:
        """Return the variance over the mean of each row's product, shrunk to what is usual at its size."""
        n = len(self._size)
        squares = np.bincount(self.product, (self.units - self.base) ** 2, n)
        expected = np.bincount(self.product, self.base, n)
        seen = expected > 0
        usual = np.median(squares[seen] / expected[seen] / self._size[seen]) * self._size
        prior = SIZE_PRIOR * self._size
        ratio = (squares + prior * usual) / (expected + prior)
        return np.maximum(ratio, SMALLEST_DISPERSION)[self.product]


def calibration(units: Floats, made: Floats, importance: Floats) -> float:
    """Return what to add to the logarithm of forecasts (n,) so that their sum comes near that of what sold.

    A fit weighs steady products most and would miss the rare bulk sales of the others.
    """
    ratio = float(importance @ units) / max(float(importance @ made), 1e-9)
    return CALIBRATED * float(np.log(np.clip(ratio, *CALIBRATION_RANGE)))


def _part(
    basis: Basis, features: Features, products: Indices, origin: int
) -> tuple[Singles, Floats, Floats, Indices]:
    products = products[basis.history_is_enough(origin, ENOUGH)[products]]
    base, columns = features.at(products, origin)
    ahead = np.ix_(products, basis.panel.ahead(origin))
    usable = basis.panel.known[ahead] & (base > 0)
    units = basis.panel.sold[ahead][usable]
    return columns[usable], units, base[usable], products[np.nonzero(usable)[0]]
