"""What has been ordered and has not come yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Flags, Indices
from siprems_engine.inventory.errors import InvalidPlan


@dataclass(frozen=True, eq=False)
class Incoming:
    """Deliveries (m,): the place of their product, in how many days they come, and their units.

    What should have come already may come any day, so it counts as coming now.
    """

    product: Indices
    days: Floats
    units: Floats

    def __post_init__(self) -> None:
        """Raise `InvalidPlan` for columns of unequal length and for numbers that are none."""
        if not len(self.product) == len(self.days) == len(self.units):
            raise InvalidPlan("Each delivery needs a product, a day and its units.")
        if not (np.isfinite(self.days).all() and np.isfinite(self.units).all() and (self.units >= 0).all()):
            raise InvalidPlan("Deliveries must have a day, and units of at least 0.")

    @classmethod
    def nothing(cls) -> Incoming:
        """Return that nothing is on its way."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))

    def units_of(self, products: int, chosen: Flags | None = None) -> Floats:
        """Return the units (N,) on their way to each product, of all deliveries or of the chosen (m,)."""
        counted = self.units if chosen is None else np.where(chosen, self.units, 0.0)
        return np.bincount(self.product, counted, products).astype(np.float64)

    def before(self, products: int, days: Floats) -> Floats:
        """Return the units (N,) that come before each product's day (N,), those of now always."""
        arrive = np.maximum(self.days, 0.0)
        return self.units_of(products, (arrive < days[self.product]) | (arrive <= 0))

    def by_product(self, products: int) -> tuple[Floats, Floats]:
        """Return days and units (N, A) of each product's deliveries in turn; inf and 0 beyond the last."""
        order = np.lexsort((self.days, self.product))
        product = self.product[order]
        turn = np.arange(len(order)) - np.searchsorted(product, product, side="left")
        shape = products, int(turn.max(initial=-1)) + 1
        days, units = np.full(shape, np.inf), np.zeros(shape)
        days[product, turn] = np.maximum(self.days[order], 0.0)
        units[product, turn] = self.units[order]
        return days, units

    def earlier(self) -> Floats:
        """Return the units (m,) that come to the same product before each delivery."""
        arrive = np.maximum(self.days, 0.0)
        order = np.lexsort((arrive, self.product))
        product, units, day = self.product[order], self.units[order], arrive[order]
        running = np.concatenate([[0.0], np.cumsum(units)])
        # The first of the product, and the first that comes on the same day.
        first = np.searchsorted(product, product, side="left")
        new_day = np.ones(len(order), dtype=bool)
        new_day[1:] = (product[1:] != product[:-1]) | (day[1:] != day[:-1])
        same_day = np.maximum.accumulate(np.where(new_day, np.arange(len(order)), 0))
        sums = np.empty(len(order))
        sums[order] = running[same_day] - running[first]
        return sums
