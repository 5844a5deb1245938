"""Replays: several rules side by side on one course, each with shelves of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Indices
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.incoming import Incoming
from siprems_engine.inventory.replay.course import Course
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

PLAN, PLAN_BLIND = "plan", "plan, stock-outs unknown"
EARLIER, EARLIER_WHOLE = "forecast - stock", "forecast until the next delivery - stock"
FIXED, HINDSIGHT = "fixed (s,S) from averages", "best fixed level in hindsight"
# How far the earlier rule looked ahead.
EARLIER_DAYS = 7.0


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of a rule; `levels` (n,) are its fixed ones, `promised` (n, reviews) the probabilities with
    which its orders were meant to suffice.
    """

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
    course: Course
    reviews: int = 0

    def review(self, ahead: DemandAhead, rows: Indices | None = None) -> None:
        """Order in the evening of the next review; `rows` are the products of the course (None: all)."""
        self.floor.run(self.reviews * self.course.review - 1)
        product, place, units = self.floor.coming()
        incoming = Incoming(product, place * self.course.grid.step.days, units)
        ordered = self.rule.order(Evening(ahead, self.floor.on_hand, incoming))
        lead = self.course.drawn_lead(self.reviews)
        self.floor.order(ordered, lead if rows is None else lead[rows])
        self.reviews += 1

    def ledger(self) -> Ledger:
        """Let the rest of the course pass; return what happened."""
        self.floor.run(self.course.measured_until - 1)
        return self.floor.ledger()


class Replay:
    """All rules on one course, fed with the forecasts of one review after the other.

    All begin with the stock that averages call for. With `blind` there is a plan from other forecasts, too.
    `aims` (n,) are the plan's service levels; without any they are those of the terms, as for other rules.
    """

    def __init__(
        self, course: Course, prices: Prices, *, blind: bool = False, aims: Floats | None = None
    ) -> None:
        """Open a shop for each rule."""
        self.course, self._prices = course, prices
        terms = course.told
        planned = terms if aims is None else replace(terms, service_level=aims)
        mean, deviation = averages(course.grid, course.products, course.first)
        interval = terms.lead_mean + terms.window
        self._start = np.ceil(mean * interval)
        days = np.full(len(terms), EARLIER_DAYS)
        rules: list[tuple[str, Rule]] = [
            (PLAN, Planned(planned, [])),
            (EARLIER, ForecastMinusStock(terms, days)),
            (EARLIER_WHOLE, ForecastMinusStock(terms, interval, counts_incoming=True)),
            (FIXED, from_averages(terms, mean, deviation)),
        ]
        self._shops = [self._shop(name, rule) for name, rule in rules]
        self._blind = self._shop(PLAN_BLIND, Planned(planned, [])) if blind else None

    def review(self, ahead: DemandAhead, blind: DemandAhead | None = None) -> None:
        """Let all rules order at the next review from its forecasts, the blind plan from its own."""
        for shop in self._shops:
            shop.review(ahead)
        if self._blind is not None and blind is not None:
            self._blind.review(blind)

    def outcomes(self) -> Sequence[Outcome]:
        """Return what became of the rules, and what the best fixed levels would have come to."""
        blind = [] if self._blind is None else [self._outcome(self._blind)]
        made = [self._outcome(shop) for shop in self._shops]
        return [made[0], *blind, *made[1:], self._hindsight()]

    def _shop(self, name: str, rule: Rule) -> _Shop:
        course = self.course
        return _Shop(name, rule, Floor(course.demand, self._start, course.shelf_life), course)

    def _outcome(self, shop: _Shop) -> Outcome:
        ledger = shop.ledger()
        found = figures(ledger, self._prices, self.course)
        if isinstance(shop.rule, Planned):
            return Outcome(shop.name, found, ledger, promised=np.stack(shop.rule.promised, axis=1))
        return Outcome(shop.name, found, ledger, getattr(shop.rule, "high", None))

    def _hindsight(self) -> Outcome:
        """Return the outcome of the levels that would have cost least, product by product."""
        most = self.course.review + self.course.measured_from
        levels = best_levels(self._cost_of_levels, self.course.demand, most)
        rows = np.arange(len(levels))
        ledger = self._with_levels(levels, rows)
        return Outcome(HINDSIGHT, figures(ledger, self._prices, self.course), ledger, levels)

    def _cost_of_levels(self, levels: Floats, rows: Indices) -> Floats:
        ledger = self._with_levels(levels, rows)
        return figures(ledger, self._prices.of(rows), self.course).cost

    def _with_levels(self, levels: Floats, rows: Indices) -> Ledger:
        """Return what happens to products `rows` (m,) with fixed levels (m,)."""
        course = self.course
        rule = FixedLevels(course.told.of_products(rows), levels, levels)
        floor = Floor(course.demand[rows], self._start[rows], course.shelf_life[rows])
        shop = _Shop(HINDSIGHT, rule, floor, course)
        # Fixed levels look at no forecast.
        nothing = DemandAhead(np.zeros((len(rows), 1)), np.zeros((len(rows), 1, 7)), course.grid.step)
        for _ in range(course.reviews):
            shop.review(nothing, rows)
        return shop.ledger()
