"""A stretch of a shop's past to replay: its demand, its reviews, its terms."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.forecasting.shop.panel import Indices
from siprems_engine.inventory import lead_times
from siprems_engine.inventory.errors import InvalidPlan
from siprems_engine.inventory.terms import Terms

LEAD_SEED = 20_260
# What was wanted while a product was out of stock is taken to be the mean of so many like periods before.
LIKE_PERIODS = 4
# Lead times rarer than one in a thousand are not drawn.
DRAWN_RANGE = (0.001, 0.999)


@dataclass(frozen=True, eq=False)
class Course:
    """Reviews in the evenings of periods: the first one in that of `first`, `reviews` in all.

    `products` (n,) of the grid are looked at, all reviewed together. A shop that counts in weeks orders and
    receives by whole weeks: lead times are rounded up to periods. Raises `InvalidPlan` for reviews that are
    no whole periods apart, or more of them than the past holds.
    """

    grid: Grid
    products: Indices
    first: int
    reviews: int
    terms: Terms

    def __post_init__(self) -> None:
        """Check the reviews."""
        days, step = self.terms.review, self.grid.step
        if len(days) == 0:
            raise InvalidPlan("There is no product to replay.")
        if (days != days[0]).any() or days[0] % step.days:
            raise InvalidPlan(f"Reviews must be whole {step}s apart, and the same for all products.")
        if self.first < 1 or self.reviews < 1 or self.places[-1] >= len(self.grid.days):
            raise InvalidPlan(
                f"{step.counted(len(self.grid.days))} of sales are too few for {self.reviews} reviews."
            )
        if self.measured_until <= self.measured_from:
            raise InvalidPlan("No order would come within the sales: replay more reviews.")

    @property
    def review(self) -> int:
        """Periods between reviews."""
        return int(self.terms.review[0]) // self.grid.step.days

    @property
    def places(self) -> list[int]:
        """The periods of the reviews, on the calendar of the grid."""
        return [self.first + number * self.review for number in range(self.reviews)]

    @cached_property
    def demand(self) -> Floats:
        """What customers wanted after the first review, (n, T): what they bought, or more if stock hid it."""
        wanted = self._recorded()
        if self.grid.out_of_stock is not None:
            hidden = self.grid.out_of_stock[self.products]
            wanted = np.where(hidden, np.maximum(wanted, self._like_periods(wanted, hidden)), wanted)
        return wanted[:, self.first + 1 :]

    @cached_property
    def told(self) -> Terms:
        """The terms that rules know, with lead times and shelf lives in whole periods."""
        step = float(self.grid.step.days)
        made = {field.name: getattr(self.terms, field.name) for field in fields(self.terms)}
        life = np.where(np.isinf(self.shelf_life), np.nan, self.shelf_life * step)
        return Terms(**{**made, "lead_mean": (self.lead * step).astype(np.float64), "shelf_life": life})

    @cached_property
    def lead(self) -> Indices:
        """Periods (n,) that an order usually takes."""
        return np.ceil(self.terms.lead_mean / self.grid.step.days - 1e-9).astype(np.int64)

    @cached_property
    def shelf_life(self) -> Floats:
        """Periods (n,) in which a delivery sells; inf of what keeps."""
        life = np.floor(self.terms.shelf_life / self.grid.step.days)
        return np.where(np.isnan(life), np.inf, np.maximum(life, 1.0))

    def drawn_lead(self, number: int) -> Indices:
        """Return the periods (n,) that orders of a review take: the same ones for every rule."""
        terms = self.terms
        if not (terms.lead_deviation > 0).any():
            return self.lead
        drawn = np.random.default_rng([LEAD_SEED, number]).uniform(*DRAWN_RANGE, len(terms))
        days = lead_times.quantile(self.told.lead_mean, terms.lead_deviation, drawn)
        return np.round(days / self.grid.step.days).astype(np.int64)

    @property
    def measured_from(self) -> int:
        """The period after the first review with whose morning the first orders come, and figures begin."""
        return int(self.lead.max())

    @property
    def measured_until(self) -> int:
        """The period after the last one that is measured: whole cycles that the sales cover."""
        known = len(self.grid.days) - self.first - 1
        cycles = min((known - self.measured_from) // self.review, self.reviews)
        return self.measured_from + max(cycles, 0) * self.review

    def _recorded(self) -> Floats:
        units: Floats = np.nan_to_num(self.grid.units[self.products])
        return units

    def _like_periods(self, recorded: Floats, hidden: np.ndarray) -> Floats:
        """Return the mean (n, T) of the latest like periods before: of that weekday, open and in stock."""
        season = 7 // self.grid.step.days
        usable = ~hidden & self.grid.open
        sums, counts = np.zeros_like(recorded), np.zeros_like(recorded)
        for back in range(1, 3 * LIKE_PERIODS + 1):
            apart = back * season
            counted = np.zeros_like(hidden)
            counted[:, apart:] = usable[:, :-apart] if apart < hidden.shape[1] else False
            counted &= counts < LIKE_PERIODS
            sums[:, apart:] += np.where(counted[:, apart:], recorded[:, :-apart], 0.0)
            counts += counted
        return sums / np.maximum(counts, 1.0)
