"""What the regression sees of a product at an origin and of each period ahead, as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.panel import Indices, Panel
from siprems_engine.forecasting.shop.poisson import Singles
from siprems_engine.forecasting.shop.promotion_phase import since, until
from siprems_engine.forecasting.shop.running import cumulated, last_true
from siprems_engine.forecasting.step import Step

# The level the columns correct: the middle one of the half-lives.
BASE = 2
# Periods that make up a product's present size, and those of "lately".
SIZE_PERIODS = {Step.DAY: 120, Step.WEEK: 26}
LATELY = {Step.DAY: 28, Step.WEEK: 8}
PROMOTED_LATELY = {Step.DAY: (7, 28), Step.WEEK: (2, 6)}
SHOP_PROMOTED = 28
SIZES = 5
# Share of the size that is added to levels before their ratio, as the level of a pause is 0.
CUSHION = 0.1
EARLY_IN_MONTH, LATE_IN_MONTH = 5, 26

# A year's season is learned as so many waves, from a history long enough to tell it from a trend.
WAVES = 2
SEASONAL_DAYS, DAYS_A_YEAR = 600, 365.25


@dataclass(frozen=True, eq=False)
class Shopwide:
    """A column that is (nearly) the same for all products: many of them tell no more of it than one."""

    values: Floats


Column = Floats | NDArray[np.bool_] | float | Shopwide


class Features:
    """Columns for any products at any origin of the schedule; `shopwide` (p,) tells the `Shopwide` ones.

    `groups` (p,) are the kinds of the columns. A shop without promotions, say, has no columns of them unless
    the columns are to be `complete`: those are the same for all shops of a step.
    """

    shopwide: NDArray[np.bool_]
    groups: tuple[str, ...]

    def __init__(self, basis: Basis, *, complete: bool = False) -> None:
        self._basis, self._panel = basis, basis.panel
        panel = basis.panel
        self.size = _sizes(basis)
        self.size_class = np.searchsorted(np.quantile(self.size, np.arange(1, SIZES) / SIZES), self.size)
        self._last_sale = last_true(panel.known & (panel.sold > 0))
        self._zeros = cumulated((panel.known & (panel.sold == 0)).astype(np.float64))
        self._day = _day_of_month(panel)
        self._parts: list[Callable[[Indices, int], Iterator[Column]]] = [self._levels, self._season]
        self._complete = complete
        if panel.has_promotions or complete:
            self._since = since(panel.promo, panel.step)
            self._promoted = cumulated(panel.promo.astype(np.float64))
            self._shop_promoted = panel.promo.mean(axis=0)
            self._parts.append(self._promotions)
        if panel.step is Step.DAY:
            self._parts.append(self._calendar)
        if panel.events.any() or complete:
            self._parts.append(self._events)
        self._parts.append(self._state)

    def at(self, products: Indices, origin: int) -> tuple[Floats, Singles]:
        """Return the base forecast (n, H) and the columns (n, H, p) of the products (n,)."""
        shape = len(products), self._panel.horizon
        parts = [(part.__name__, list(part(products, origin))) for part in self._parts]
        made = [column for _, columns in parts for column in columns]
        self.groups = tuple(name.strip("_") for name, columns in parts for _ in columns)
        self.shopwide = np.array([isinstance(column, Shopwide) for column in made])
        values = [column.values if isinstance(column, Shopwide) else column for column in made]
        columns = [np.broadcast_to(each, shape).astype(np.float32) for each in values]
        level = self._basis.levels[BASE].at(origin)[products]
        return level[:, None] * self._basis.factors(origin)[products], np.stack(columns, axis=2)

    def _levels(self, products: Indices, origin: int) -> Iterator[Column]:
        """How the other levels compare to the base, and whether that matters more as the horizon grows."""
        cushion = CUSHION * self.size[products]
        base = self._basis.levels[BASE].at(origin)[products] + cushion
        ahead = self._ahead()
        for place, level in enumerate(self._basis.levels):
            if place != BASE:
                ratio = np.log((level.at(origin)[products] + cushion) / base)[:, None]
                yield ratio
                yield ratio * ahead

    def _season(self, products: Indices, origin: int) -> Iterator[Column]:
        """Last year's movement, whether there was a year at all, and how far the season moves ahead."""
        moved = self._basis.movement(origin)
        yield 0.0 if moved is None else np.log(moved.own[products])
        yield Shopwide(np.zeros((1, 1)) if moved is None else np.log(moved.shop[products]))
        yield float(moved is not None)
        if self._complete or self._panel.past * self._panel.step.days >= SEASONAL_DAYS:
            ahead = self._panel.ahead(origin)
            for wave in range(1, WAVES + 1):
                speed = 2.0 * np.pi * wave * self._panel.step.days / DAYS_A_YEAR
                for turn in (np.sin, np.cos):
                    yield Shopwide((turn(speed * ahead) - turn(speed * origin))[None, :])

    def _promotions(self, products: Indices, origin: int) -> Iterator[Column]:
        """The phase, gaps of one period, the uplift, and how usual promotions were lately."""
        ahead, panel = self._panel.ahead(origin), self._panel
        # What was planned beyond the horizon is left out: at the last origin, none of it is known.
        now, before, after = (
            panel.promo[np.ix_(products, np.minimum(ahead + shift, ahead[-1]))] for shift in (0, -1, 1)
        )
        yield from _one_hot(self._since.table[np.ix_(products, ahead)], self._since.classes)
        left = until(now, panel.step)
        yield from _one_hot(left.table, left.classes)
        yield now & ~before & ~after
        yield ~now & before & after
        uplift = np.log(self._basis.effects.promotion[products])[:, None]
        yield now * uplift
        yield uplift
        for each in range(1, SIZES):
            yield now & (self.size_class[products] == each)[:, None]
        yield from self._usual_promotions(products, origin, now)
        if panel.step is Step.DAY:
            for day in range(6):
                yield now & (panel.weekday[ahead] == day)[None, :]

    def _usual_promotions(self, products: Indices, origin: int, now: NDArray[np.bool_]) -> Iterator[Column]:
        for periods in PROMOTED_LATELY[self._panel.step]:
            start = max(0, origin + 1 - periods)
            promoted = self._promoted[products, origin + 1] - self._promoted[products, start]
            share = (promoted / (origin + 1 - start))[:, None]
            yield share
            yield share * now
        usual = self._shop_promoted[max(0, origin + 1 - SHOP_PROMOTED) : origin + 1].mean()
        shop = (self._shop_promoted[self._panel.ahead(origin)] - usual)[None, :]
        yield Shopwide(shop)
        yield Shopwide(shop * now)

    def _calendar(self, _products: Indices, origin: int) -> Iterator[Column]:
        """Weekday and the days around pay day."""
        ahead = self._panel.ahead(origin)
        for day in range(6):
            yield (self._panel.weekday[ahead] == day)[None, :]
        yield (self._day[ahead] <= EARLY_IN_MONTH)[None, :]
        yield (self._day[ahead] >= LATE_IN_MONTH)[None, :]

    def _events(self, _products: Indices, origin: int) -> Iterator[Column]:
        """An event in the period itself, in the one before and in the next one."""
        ahead = self._panel.ahead(origin)
        for shift in (-1, 0, 1):
            yield self._panel.events[np.minimum(ahead + shift, ahead[-1])][None, :]

    def _state(self, products: Indices, origin: int) -> Iterator[Column]:
        """The distance ahead, the product's size, how often it did not sell lately and for how long."""
        yield self._ahead()
        for each in range(1, SIZES):
            yield (self.size_class[products] == each)[:, None]
        periods = LATELY[self._panel.step]
        start = max(0, origin + 1 - periods)
        zeros = self._zeros[products, origin + 1] - self._zeros[products, start]
        known = self._basis.sums.known(start, origin + 1)[products]
        yield (zeros / np.maximum(known, 1.0))[:, None]
        pause = origin - self._last_sale[products, origin]
        yield np.log1p(pause)[:, None]
        yield (pause > periods)[:, None]

    def _ahead(self) -> Floats:
        return (np.arange(1, self._panel.horizon + 1) / self._panel.horizon - 0.5)[None, :]


def _one_hot(classes: Indices, count: int) -> Iterator[Column]:
    for each in range(count):
        yield classes == each


def _sizes(basis: Basis) -> Floats:
    """Return units per period lately, or a part of those ever where the product has all but stopped."""
    past, sums = basis.panel.past, basis.sums
    lately = sums.mean(past - SIZE_PERIODS[basis.panel.step], past)
    return np.maximum(lately, 0.3 * sums.mean(0, past)) + 1e-3


def _day_of_month(panel: Panel) -> Indices:
    days = panel.days.astype("datetime64[D]")
    return (days - days.astype("datetime64[M]")).astype(np.int64) + 1
