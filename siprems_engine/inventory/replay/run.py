"""Replays of a shop's past: several rules side by side, each on shelves of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.forecasting.shop.panel import Indices
from siprems_engine.inventory import lead_times
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.errors import InvalidPlan
from siprems_engine.inventory.incoming import Incoming
from siprems_engine.inventory.replay.figures import Figures, Prices, figures
from siprems_engine.inventory.replay.floor import Floor, Ledger
from siprems_engine.inventory.replay.forecasts import averages
from siprems_engine.inventory.replay.hindsight import best_levels
from siprems_engine.inventory.replay.rules import (
    Evening,
    FixedLevels,
    ForecastMinusStock,
    Planned,
    Rule,
    from_averages,
)
from siprems_engine.inventory.terms import Terms

PLAN, EARLIER, EARLIER_WHOLE = "plan", "forecast - stock", "forecast of the interval - stock and incoming"
FIXED, HINDSIGHT = "fixed (s,S) from averages", "best fixed level in hindsight"
LEAD_SEED = 20_260
# How far the earlier rule looked ahead, unless asked for another time.
EARLIER_DAYS = 7.0

OnReview = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Course:
    """A stretch of a shop's past: reviews in the evenings of periods, a whole number of periods apart.

    `products` (n,) of the grid are looked at, `first` is the period of the first review, and lead times are
    counted in whole periods, rounded up.
    """

    grid: Grid
    products: Indices
    first: int
    reviews: int
    terms: Terms

    @property
    def review(self) -> int:
        """Periods between reviews: the same for all products."""
        days = float(self.terms.review[0])
        if (self.terms.review != days).any() or days % self.grid.step.days:
            raise InvalidPlan(
                f"Reviews must be whole {self.grid.step}s apart, and the same for all products."
            )
        return int(days) // self.grid.step.days

    @property
    def lead(self) -> Indices:
        """Whole periods (n,) that an order usually takes."""
        return _periods(self.terms.lead_mean, self.grid.step.days)

    @property
    def places(self) -> list[int]:
        """The periods of the reviews."""
        return [self.first + number * self.review for number in range(self.reviews)]

    @property
    def demand(self) -> Floats:
        """What customers wanted after the first review, (n, T), taken to be what they bought."""
        return np.nan_to_num(self.grid.units[self.products, self.first + 1 :])

    def shelf_periods(self) -> Floats:
        """How many periods (n,) a delivery sells; inf of what keeps."""
        life = self.terms.shelf_life
        return np.where(np.isnan(life), np.inf, np.maximum(1.0, np.floor(life / self.grid.step.days)))

    def promised(self) -> Terms:
        """Terms as they are in whole periods, which is what rules are told: a shop that counts in weeks
        waits whole weeks.
        """
        made = {name: getattr(self.terms, name) for name in Terms.__dataclass_fields__}
        return Terms(**{**made, "lead_mean": self.lead * float(self.grid.step.days)})


@dataclass(eq=False)
class Outcome:
    """What became of a rule."""

    name: str
    figures: Figures
    ledger: Ledger
    levels: Floats | None = None
    promised: Floats | None = None


@dataclass(eq=False)
class _Shop:
    """A rule on its shelves."""

    name: str
    rule: Rule
    floor: Floor
    lead: Callable[[int], Indices]
    reviews: int = 0

    def review(self, period: int, ahead: DemandAhead, step_days: int) -> None:
        """Order in the evening of a period, counted from the first review."""
        self.floor.run(period)
        product, place, units = self.floor.coming()
        incoming = Incoming(product, place * step_days, units)
        ordered = self.rule.order(Evening(ahead, self.floor.on_hand, incoming))
        self.floor.order(ordered, self.lead(self.reviews))
        self.reviews += 1


@dataclass(eq=False)
class Replay:
    """All rules on one course, fed with the forecasts of one review after the other."""

    course: Course
    prices: Prices
    earlier_days: float = EARLIER_DAYS
    _shops: list[_Shop] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open a shop for each rule, all with the stock that averages call for."""
        terms = self.course.promised()
        mean, deviation = averages(self.course.grid, self.course.products, self.course.first)
        self._start = np.ceil(mean * (terms.lead_mean + terms.window))
        days = np.full(len(terms), self.earlier_days)
        interval = terms.lead_mean + terms.window
        rules: list[tuple[str, Rule]] = [
            (PLAN, Planned(terms, [])),
            (EARLIER, ForecastMinusStock(terms, days)),
            (EARLIER_WHOLE, ForecastMinusStock(terms, interval, counts_incoming=True)),
            (FIXED, from_averages(terms, mean, deviation)),
        ]
        self._shops = [_Shop(name, rule, self._floor(), self._lead) for name, rule in rules]

    def review(self, ahead: DemandAhead) -> None:
        """Let all rules order at the next review, from its forecasts."""
        period = self._shops[0].reviews * self.course.review - 1
        for shop in self._shops:
            shop.review(period, ahead, self.course.grid.step.days)

    def outcomes(self) -> list[Outcome]:
        """Return what became of the rules, and of the best fixed levels in hindsight at the end."""
        made = [self._outcome(shop) for shop in self._shops]
        return [*made, self._hindsight()]

    def _outcome(self, shop: _Shop) -> Outcome:
        shop.floor.run(self._last)
        found = self._measured(shop.floor.ledger())
        promised = None
        if isinstance(shop.rule, Planned):
            promised = np.stack(shop.rule.promised, axis=1)
        levels = shop.rule.high if isinstance(shop.rule, FixedLevels) else None
        return Outcome(shop.name, found, shop.floor.ledger(), levels, promised)

    def _hindsight(self) -> Outcome:
        """Return the outcome of the level that would have cost least, product by product."""
        levels = best_levels(
            self._with_level, self.course.demand, self.course.review + int(self._lead(0).max())
        )
        ledger = self._with_level(levels, np.arange(len(levels)))[1]
        return Outcome(HINDSIGHT, self._measured(ledger), ledger, levels)

    def _with_level(self, level: Floats, rows: Indices) -> tuple[Floats, Ledger]:
        """Return the cost (m,) of fixed levels (m,) for products `rows` (m,), and what happened."""
        course = self.course
        terms = course.promised().of_products(rows)
        rule = FixedLevels(terms, level, level)
        floor = Floor(course.demand[rows], self._start[rows], course.shelf_periods()[rows])
        shop = _Shop(HINDSIGHT, rule, floor, lambda number: self._lead(number)[rows])
        nothing = DemandAhead(np.zeros((len(rows), 1)), np.zeros((len(rows), 1, 7)), course.grid.step)
        for number in range(course.reviews):
            shop.review(number * course.review - 1, nothing, course.grid.step.days)
        floor.run(self._last)
        ledger = floor.ledger()
        prices = Prices(*(getattr(self.prices, name)[rows] for name in Prices.__dataclass_fields__))
        return figures(_until(ledger, self._last), prices, self._first_measured, course.review).cost, ledger

    def _measured(self, ledger: Ledger) -> Figures:
        return figures(_until(ledger, self._last), self.prices, self._first_measured, self.course.review)

    @property
    def _first_measured(self) -> int:
        """The morning on which the first order comes, in periods after the first review."""
        return int(self.course.lead.max(initial=0))

    @property
    def _last(self) -> int:
        """The last period of the cycle of the last review that the data know."""
        return (
            min(self.course.demand.shape[1], self.course.reviews * self.course.review + self._first_measured)
            - 1
        )

    def _floor(self) -> Floor:
        return Floor(self.course.demand, self._start, self.course.shelf_periods())

    def _lead(self, number: int) -> Indices:
        """Return the periods (n,) that the orders of a review take; the same for all rules."""
        terms, days = self.course.terms, self.course.grid.step.days
        if not (terms.lead_deviation > 0).any():
            return self.course.lead
        rng = np.random.default_rng([LEAD_SEED, number])
        drawn = rng.uniform(0.001, 0.999, len(terms))
        return _periods(lead_times.quantile(terms.lead_mean, terms.lead_deviation, drawn), days, nearest=True)


def _until(ledger: Ledger, last: int) -> Ledger:
    return Ledger(**{name: getattr(ledger, name)[:, : last + 1] for name in Ledger.__dataclass_fields__})


def _periods(days: Floats, step: int, *, nearest: bool = False) -> Indices:
    """Return whole periods (n,) of days; a part of one counts as one, or is rounded."""
    periods = days / step
    return (np.round(periods) if nearest else np.ceil(periods - 1e-9)).astype(np.int64)


def replay(
    course: Course, prices: Prices, forecasts: Callable[[int], DemandAhead], on_review: OnReview
) -> Sequence[Outcome]:
    """Run all reviews of a course; `forecasts` makes those of a period, `on_review` hears of each one."""
    running = Replay(course, prices)
    for number, place in enumerate(course.places):
        on_review(number, course.reviews)
        running.review(forecasts(place))
    return running.outcomes()
