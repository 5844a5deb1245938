"""Orders within a budget: the packs that earn most for their money first."""

from __future__ import annotations

import itertools

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory.demand import Demand
from siprems_engine.inventory.errors import InvalidPlan
from siprems_engine.inventory.money import expected_gain
from siprems_engine.inventory.terms import Terms

# An order is cut into at most so many parts, each of whole packs.
PARTS = 20
# The margin of a product whose price is unknown, in parts of what it costs.
ASSUMED_MARGIN = 0.3
CENT = 1e-9


def within_budget(order: Floats, available: Floats, covered: Demand, terms: Terms, budget: float) -> Floats:
    """Return orders (N,) cut to what a budget pays for.

    Each part of an order is worth what it earns on average beyond the parts before it, which becomes less and
    less; parts with the highest gain per money are bought first, a part that is too dear is passed over with
    the rest of its line. Orders of products without a unit cost are left as they are: nobody knows what they
    take from the budget. Raises `InvalidPlan` for a budget that is none.
    """
    if not (np.isfinite(budget) and budget >= 0):
        raise InvalidPlan("A budget must be a finite number of at least 0.")
    priced = (order > 0) & (terms.unit_cost > 0)
    rows = np.flatnonzero(priced)
    bought = np.where(priced, 0.0, order)
    if len(rows):
        some = terms.of_products(rows)
        levels = _parts(order[rows], some)
        gains = _gains(levels, available[rows], covered.of(rows), some)
        bought[rows] = _bought(levels, gains, some.unit_cost, budget)
    return bought


def gain_per_money(order: Floats, available: Floats, covered: Demand, terms: Terms) -> Floats:
    """Return what orders (N,) earn on average in parts of what they cost to buy; NaN where unknown."""
    more_sold = covered.missing(available) - covered.missing(available + order)
    gain = expected_gain(with_margin(terms), more_sold, order)
    spent = order * terms.unit_cost
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spent > 0, (gain - terms.ordering) / spent, np.nan)


def with_margin(terms: Terms) -> Terms:
    """Return terms with a price for every product that has a unit cost."""
    made = {name: getattr(terms, name) for name in Terms.__dataclass_fields__}
    price = np.where(np.isnan(terms.price), terms.unit_cost * (1.0 + ASSUMED_MARGIN), terms.price)
    return Terms(**{**made, "price": price})


def _parts(order: Floats, terms: Terms) -> Floats:
    """Return the units (n, PARTS + 1) bought with 0, 1, .. parts; the first is at least the minimum."""
    share = np.linspace(0.0, 1.0, PARTS + 1)
    packs = np.ceil(order[:, None] / terms.pack[:, None] * share - 1e-6)
    units = np.minimum(packs * terms.pack[:, None], order[:, None])
    least = np.minimum(np.ceil(terms.min_order / terms.pack - 1e-6) * terms.pack, order)
    return np.where(share > 0, np.maximum(units, least[:, None]), 0.0)


def _gains(levels: Floats, available: Floats, covered: Demand, terms: Terms) -> Floats:
    """Return what each part earns beyond those before it, (n, PARTS)."""
    known = with_margin(terms)
    missing = [covered.missing(available + level) for level in levels.T]
    steps = zip(itertools.pairwise(missing), np.diff(levels, axis=1).T, strict=True)
    return np.stack([expected_gain(known, low - high, units) for (low, high), units in steps], axis=1)


def _bought(levels: Floats, gains: Floats, unit_cost: Floats, budget: float) -> Floats:
    """Return the units (n,) that the budget buys, best parts first."""
    cost = np.diff(levels, axis=1) * unit_cost[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        worth = np.where(cost > 0, gains / cost, np.inf)
    # A part is only to be had after those before it.
    worth = np.minimum.accumulate(worth, axis=1)
    order = np.argsort(-worth, axis=None, kind="stable")
    line, part = np.divmod(order, worth.shape[1])
    dear = cost[line, part]
    reached = np.zeros(len(levels), dtype=np.int64)
    left, closed = budget + CENT, np.zeros(len(levels), dtype=bool)
    for row, number, price in zip(line.tolist(), part.tolist(), dear.tolist(), strict=True):
        if closed[row]:
            continue
        if price > left:
            closed[row] = True
            continue
        left -= price
        reached[row] = number + 1
    return np.asarray(levels[np.arange(len(levels)), reached])
