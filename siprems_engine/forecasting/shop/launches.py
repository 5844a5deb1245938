"""What other products sold in their first weeks: the experience that a new product is forecast from.

Products that were there when the calendar begins have been launched before; their latest weeks stand in for
launches where there are too few of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Flags, Indices, Panel
from siprems_engine.forecasting.shop.schedule import ENOUGH
from siprems_engine.forecasting.step import Step

# A product with more known periods than this is not new, however long the horizon.
LONGEST_NEW = {Step.DAY: 60, Step.WEEK: 16}
# Where all products are new, those known for so long tell what a product may sell.
LEAST_KNOWN = {Step.DAY: 14, Step.WEEK: 4}
# Known periods that are read of each launch.
FIRST_PERIODS = {Step.DAY: 60, Step.WEEK: 9}
# A product whose first row comes so many periods after the calendar's was launched in between.
ABSENT = {Step.DAY: 14, Step.WEEK: 4}
# A launch without any sale sold less than one unit.
LEAST_UNITS = 0.5
SMALLEST_DISPERSION = 0.05
# A product's own dispersion counts as much as that of all launches after so many periods.
DISPERSION_PERIODS = 20.0
# Units each half of the first weeks must have sold to tell how levels move, and the largest move believed.
TELLING_UNITS, LARGEST_SQUARE = 10.0, 4.0


@dataclass(frozen=True, eq=False)
class Launches:
    """R products with enough history to learn from.

    `level` (R,) are units per period at weekday and promotion factors of 1, `dispersion` (R,) the variance
    over the mean, `category` (R,) codes, `launched` (R,) whether the first weeks were seen. `wander` is the
    deviation of the logarithm by which levels move within weeks.
    """

    level: Floats
    dispersion: Floats
    category: Indices
    launched: Flags
    wander: float


def is_new(panel: Panel) -> Flags:
    """Tell the products (N,) too young to have been judged: a horizon ago hardly anything was known."""
    periods = min(ENOUGH + panel.horizon, LONGEST_NEW[panel.step])
    return np.asarray(panel.known.sum(axis=1) < periods)


def pupils(panel: Panel) -> Flags:
    """Tell the products (N,) forecast from others: the new ones; in a young shop those that never sold."""
    new = is_new(panel)
    return np.asarray(~panel.known.any(axis=1)) if new.all() else new


def teachers(panel: Panel) -> Flags:
    """Tell the products (N,) these are forecast from: all that are not new, or of new ones the older."""
    new = is_new(panel)
    return np.asarray(panel.known.sum(axis=1) >= LEAST_KNOWN[panel.step]) if new.all() else ~new


def launches(panel: Panel, factors: Floats) -> Launches:
    """Read the launches of a panel, with factors (N, T) of weekday and promotion on the level."""
    old = np.flatnonzero(teachers(panel))
    known = panel.known[old]
    launched = np.argmax(known, axis=1) >= ABSENT[panel.step]
    age: Indices = np.cumsum(known, axis=1, dtype=np.int64)
    length = FIRST_PERIODS[panel.step]
    latest = age > age[:, -1:] - length
    inside = known & np.where(launched[:, None], age <= length, latest)
    window = _Window(inside, panel.sold[old], factors[old], age)
    return Launches(window.level, window.dispersion, panel.categories[old], launched, window.wander())


@dataclass(frozen=True, eq=False)
class _Window:
    """The periods (R, T) that are read of each product."""

    inside: Flags
    sold: Floats
    factors: Floats
    age: Indices

    @cached_property
    def level(self) -> Floats:
        units = (self.sold * self.inside).sum(axis=1)
        return np.maximum(units, LEAST_UNITS) / np.maximum((self.factors * self.inside).sum(axis=1), 1e-9)

    @cached_property
    def dispersion(self) -> Floats:
        expected = self.level[:, None] * self.factors * self.inside
        squares = (((self.sold - expected) ** 2) * self.inside).sum(axis=1)
        periods, hoped = self.inside.sum(axis=1), np.maximum(expected.sum(axis=1), 1e-9)
        own = squares / hoped * periods / np.maximum(periods - 1, 1)
        usual = float(np.median(own)) if len(own) else 1.0
        mixed = (periods * own + DISPERSION_PERIODS * usual) / (periods + DISPERSION_PERIODS)
        return np.maximum(mixed, SMALLEST_DISPERSION)

    def wander(self) -> float:
        """Compare both halves of each window; what noise does not explain is movement of the level."""
        middle = np.where(self.inside, self.age, 0).max(axis=1) - self.inside.sum(axis=1) // 2
        early = self.inside & (self.age <= middle[:, None])
        late = self.inside & ~early
        units, hoped = (
            np.stack([(table * half).sum(axis=1) for half in (early, late)])
            for table in (self.sold, self.factors)
        )
        telling = (units >= TELLING_UNITS).all(axis=0)
        if not telling.any():
            return 0.0
        rates = np.log(units[:, telling] / np.maximum(hoped[:, telling], 1e-9))
        noise = self.dispersion[telling] * (1.0 / units[:, telling]).sum(axis=0)
        excess = np.minimum((rates[1] - rates[0]) ** 2, LARGEST_SQUARE) - noise
        return float(np.sqrt(max(float(excess.mean()), 0.0)))
