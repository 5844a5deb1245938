"""Rules that say in the evening of a review what to order: ours, and those it is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.incoming import Incoming
from siprems_engine.inventory.levels import serving_policy
from siprems_engine.inventory.plan import orders
from siprems_engine.inventory.policies import Policy, economic_order_quantity, order_up_to
from siprems_engine.inventory.rounding import round_order
from siprems_engine.inventory.terms import Terms


@dataclass(frozen=True, eq=False)
class Evening:
    """What is known at a review: forecasts, stock on hand (N,) and what is on its way."""

    ahead: DemandAhead
    on_hand: Floats
    incoming: Incoming

    @property
    def position(self) -> Floats:
        """Stock on hand and on its way, (N,)."""
        return self.on_hand + self.incoming.units_of(len(self.on_hand))


class Rule(Protocol):
    """What to order, and with which probability it was meant to suffice."""

    def order(self, evening: Evening) -> Floats:
        """Return units to order, (N,)."""


@dataclass(eq=False)
class Planned:
    """The plan: levels from the forecast's totals, by each product's policy."""

    terms: Terms
    # The probability with which each order was meant to suffice, review by review.
    promised: list[Floats]

    def order(self, evening: Evening) -> Floats:
        """Return what the plan orders, (N,)."""
        units, promised = orders(evening.ahead, self.terms, evening.on_hand, evening.incoming)
        self.promised.append(promised)
        return units


@dataclass(frozen=True, eq=False)
class ForecastMinusStock:
    """The earlier rule: the mean forecast of some days ahead, minus the stock on hand.

    It knows no lead time and no spread, and what is on its way only if `counts_incoming`.
    """

    terms: Terms
    days: Floats
    counts_incoming: bool = False

    def order(self, evening: Evening) -> Floats:
        """Return the gap, in packs, (N,)."""
        there = evening.position if self.counts_incoming else evening.on_hand
        return _rounded(evening.ahead.expected(self.days) - there, self.terms)


@dataclass(frozen=True, eq=False)
class FixedLevels:
    """Levels that never change: order below one up to the other."""

    terms: Terms
    low: Floats
    high: Floats

    def order(self, evening: Evening) -> Floats:
        """Return what is missing to the upper level where the lower one is reached, (N,)."""
        missing = np.where(evening.position < self.low, self.high - evening.position, 0.0)
        return _rounded(missing, self.terms)


def from_averages(terms: Terms, mean: Floats, deviation: Floats) -> FixedLevels:
    """Return (s,S) levels as a textbook has them: from mean and deviation (N,) of a day's past demand.

    Days are taken to be normal and to have nothing to do with each other; S is an economic quantity above s
    where one is known.
    """
    days = terms.lead_mean + terms.window
    spread = np.sqrt(np.square(deviation) * days + np.square(mean * terms.lead_deviation))
    low = order_up_to(mean * days, spread, terms.level)
    economic = economic_order_quantity(terms.ordering, terms.holding, mean)
    extra = np.where(np.isfinite(economic), np.maximum(economic - mean * terms.review, 0.0), 0.0)
    extra = np.where(serving_policy(terms) == Policy.MIN_MAX, extra, 0.0)
    return FixedLevels(terms, low, low + extra)


def _rounded(missing: Floats, terms: Terms) -> Floats:
    whole = np.where(missing > 1e-6, missing, 0.0)
    return round_order(whole, terms.pack, terms.min_order, np.full(len(terms), np.inf))
