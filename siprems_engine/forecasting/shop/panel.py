"""The sales of a whole shop on one calendar: what every engine of this package reads."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.errors import InvalidHistory, InvalidRequest
from siprems_engine.forecasting.series import Days, Floats
from siprems_engine.forecasting.step import Step, weekday

Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]

# Raise it when the same sales give other forecasts than before.
VERSION = 2

# Periods of the past that are read: what the oldest origin of last year's season looks back from there.
LONGEST_PAST = {Step.DAY: 1200, Step.WEEK: 208}


@dataclass(frozen=True, eq=False)
class Panel:
    """N products over T past and H future periods.

    `days` (T+H,) are evenly spaced dates; `units` (N, T) >= 0 are NaN where nothing can be learned: before
    a product's first row, while the shop was closed, while the product was out of stock. `promo` (N, T+H)
    tells planned promotions and `events` (T+H,) the periods with an event, of the future as well.
    `category` (N,) are codes of the products' categories, -1 where unknown (None: all are). `price` (N, T)
    is what a unit cost, NaN where nobody knows (None: of all); only learned models look at it.
    """

    days: Days
    units: Floats
    promo: Flags
    step: Step
    events: Flags
    category: Indices | None = None
    price: Floats | None = None

    def __post_init__(self) -> None:
        """Raise `InvalidHistory` or `InvalidRequest` for shapes and numbers that make no sense."""
        if (
            self.units.ndim != 2
            or self.days.ndim != 1
            or self.promo.shape != (len(self.units), len(self.days))
        ):
            raise InvalidHistory("Units and promotions must be tables of the same products and days.")
        if self.events.shape != self.days.shape:
            raise InvalidHistory("There must be one event flag for each day.")
        if self.category is not None and self.category.shape != (len(self.units),):
            raise InvalidHistory("There must be one category for each product.")
        if self.price is not None and self.price.shape != self.units.shape:
            raise InvalidHistory("There must be one price for each product and past period.")
        if self.horizon < 1:
            raise InvalidRequest("There is no period to forecast.")
        if np.isinf(self.units).any() or (self.units < 0).any():
            raise InvalidHistory("A quantity of a history must be a finite number of at least 0.")

    @property
    def products(self) -> int:
        """Number of products, N."""
        return len(self.units)

    @property
    def past(self) -> int:
        """Number of past periods, T."""
        return self.units.shape[1]

    @property
    def horizon(self) -> int:
        """Number of future periods, H."""
        return len(self.days) - self.past

    @property
    def last(self) -> int:
        """The last past period: the origin of the forecast that is asked for."""
        return self.past - 1

    @cached_property
    def known(self) -> Flags:
        """Where units are known, (N, T)."""
        return ~np.isnan(self.units)

    @cached_property
    def sold(self) -> Floats:
        """The units with 0 where they are unknown, (N, T)."""
        return np.nan_to_num(self.units)

    @cached_property
    def weekday(self) -> Indices:
        """Weekday of every period, (T+H,), Monday = 0."""
        return weekday(self.days)

    @cached_property
    def categories(self) -> Indices:
        """The code of each product's category, (N,), -1 where it is unknown."""
        return np.full(self.products, -1) if self.category is None else self.category

    @cached_property
    def has_promotions(self) -> bool:
        """Whether any product has a promotion at all."""
        return bool(self.promo.any())

    def digest(self) -> str:
        """Return a hash of all that forecasts of the panel follow from, the engine's version among it."""
        made_of = hashlib.sha256(f"{VERSION} {self.step.value} {self.units.shape}".encode())
        parts = [self.days.astype(np.int64), self.units, self.promo, self.events, self.categories]
        for part in parts if self.price is None else [*parts, self.price]:
            made_of.update(np.ascontiguousarray(part).tobytes())
        return made_of.hexdigest()

    def ahead(self, origin: int) -> Indices:
        """Return the H periods after an origin."""
        return np.arange(origin + 1, origin + 1 + self.horizon)

    def recent(self) -> Panel:
        """Leave out what no engine looks at: the cost of a shop must not grow with its age."""
        extra = self.past - LONGEST_PAST[self.step]
        if extra <= 0:
            return self
        later = slice(extra, None)
        return replace(
            self,
            days=self.days[later],
            units=self.units[:, later],
            promo=self.promo[:, later],
            events=self.events[later],
            price=None if self.price is None else self.price[:, later],
        )
