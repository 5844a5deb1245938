"""What learned models see of a product at an origin and of each period ahead: the same columns in every shop.

They are those of the regression and, beside them, what trees and networks can make more of: single lags,
rolling means, the price, and how the product's category moves.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from siprems_engine.forecasting.seasonal_naive import SEASON
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.features import BASE, CUSHION, Column, Features
from siprems_engine.forecasting.shop.panel import Flags, Indices
from siprems_engine.forecasting.shop.running import cumulated, last_true
from siprems_engine.forecasting.step import Step

# Rolling means over so many periods, and the seasons back of which the same weekday (or week) is averaged.
ROLLING = {Step.DAY: (7, 28, 91), Step.WEEK: (2, 4, 13)}
SEASONS_BACK = {Step.DAY: 4, Step.WEEK: 1}
# Periods that make up a usual price, and by how much of it prices are told apart at most (logarithm).
PRICED = {Step.DAY: 182, Step.WEEK: 26}
LARGEST_PRICE_CHANGE = 1.0
# Levels of the basis, a quick and a slow one, whose ratio tells how a category moves.
QUICK, SLOW = 1, 3


class LearnedFeatures(Features):
    """Columns (n, H, p), which depend on the step alone: a model knows shops it was not trained on."""

    def __init__(self, basis: Basis) -> None:
        super().__init__(basis, complete=True)
        self._parts += [self._lags, self._price, self._category]
        self._shown = _shown_prices(basis)
        codes = np.unique(basis.panel.categories, return_inverse=True)[1]
        self._members = np.eye(codes.max() + 1 if len(codes) else 0)[codes]
        self._categories = codes

    def _lags(self, products: Indices, origin: int) -> Iterator[Column]:
        """What sold lately beside the level: single periods, means of the same weekday, rolling means."""
        panel, sums = self._basis.panel, self._basis.sums
        base = self._basis.levels[BASE].at(origin)[products] + CUSHION * self.size[products]
        cushion = CUSHION * self.size[products]
        season = SEASON[panel.step] if panel.step is Step.DAY else 1
        ahead = np.arange(panel.horizon)
        latest = origin + 1 + ahead - season * (ahead // season + 1)
        lags = [latest - season * back for back in range(SEASONS_BACK[panel.step])]
        seen = [_seen(panel.known, panel.sold, products, places) for places in lags]
        units, known = (np.sum([each[part] for each in seen], axis=0) for part in (0, 1))
        yield _ratio(seen[0][0], seen[0][1], base, cushion)
        yield _ratio(units / np.maximum(known, 1.0), known, base, cushion)
        for back in (0, 1):
            yield _ratio(*_seen(panel.known, panel.sold, products, np.array([origin - back])), base, cushion)
        for periods in ROLLING[panel.step]:
            window = max(0, origin + 1 - periods), origin + 1
            mean = sums.mean(*window)[products][:, None]
            yield _ratio(mean, sums.known(*window)[products][:, None], base, cushion)
        yield np.log(base)[:, None]
        yield np.log(self.size[products])[:, None]

    def _price(self, products: Indices, origin: int) -> Iterator[Column]:
        """The last price known beside the usual one; those to come nobody knows."""
        if self._shown is None:
            yield 0.0
            yield 0.0
            return
        last, known, sums, counts = self._shown
        start = max(0, origin + 1 - PRICED[self._basis.panel.step])
        count = counts[products, origin + 1] - counts[products, start]
        usual = (sums[products, origin + 1] - sums[products, start]) / np.maximum(count, 1.0)
        there = known[products, origin] & (count > 0)
        change = np.where(there, last[products, origin] - usual, 0.0)
        yield np.clip(change, -LARGEST_PRICE_CHANGE, LARGEST_PRICE_CHANGE)[:, None]
        yield there[:, None]

    def _category(self, products: Indices, origin: int) -> Iterator[Column]:
        """How demand of the category moves, and which part of it is promoted in each period ahead."""
        quick, slow = (self._members.T @ self._basis.levels[place].at(origin) for place in (QUICK, SLOW))
        cushion = CUSHION * (self._members.T @ self.size)
        moved = np.log((quick + cushion) / (slow + cushion))
        yield moved[self._categories[products]][:, None]
        promoted = self._members.T @ self._basis.panel.promo[:, self._basis.panel.ahead(origin)]
        share = promoted / np.maximum(self._members.sum(axis=0), 1.0)[:, None]
        yield share[self._categories[products]]


def _seen(known: Flags, sold: Floats, products: Indices, places: Indices) -> tuple[Floats, Floats]:
    """Return units and whether they are known, both (n, places), in periods that may lie before the first."""
    cells = np.ix_(products, np.maximum(places, 0))
    there = known[cells] & (places >= 0)[None, :]
    return np.where(there, sold[cells], 0.0), there.astype(np.float64)


def _ratio(units: Floats, known: Floats, base: Floats, cushion: Floats) -> Floats:
    """Return the logarithm of units beside the level, 0 where nothing is known."""
    ratio = np.log((units + cushion[:, None]) / base[:, None])
    return np.where(known > 0, ratio, 0.0)


def _shown_prices(basis: Basis) -> tuple[Floats, Flags, Floats, Floats] | None:
    """Return the logarithm of the last price up to each period, whether there is one, its running sums.

    None if no price is known. Prices that are no positive number are none.
    """
    price = basis.panel.price
    if price is None:
        return None
    there = np.isfinite(price) & (np.nan_to_num(price) > 0)
    if not there.any():
        return None
    logarithm = np.log(np.where(there, price, 1.0))
    place = last_true(there)
    known = place >= 0
    last = np.where(known, np.take_along_axis(logarithm, np.maximum(place, 0), axis=1), 0.0)
    return last, known, cumulated(last), cumulated(known.astype(np.float64))
