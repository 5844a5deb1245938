"""When stock runs out: as expected, and at worst."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory import normal
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.demand import from_quantiles
from siprems_engine.inventory.incoming import Incoming

# Who has stock for longer has it for long; nobody looks for the day.
LONGEST_DAYS = 366.0
HALVINGS = 20

# Demand (N,) from now until so many days (N,) ahead.
Until = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class Outlook:
    """Days from now of N products, each (N,); NaN where beyond a year.

    `cover` is how long the stock on hand lasts as expected, without deliveries. At `stock_out` demand is
    expected to exceed what is there and has come by then; `unsafe` is the first moment, of those that an
    order of today could still help, at which it does so with more than the probability allowed. Their whole
    part is the day, 0 for today.
    """

    cover: Floats
    stock_out: Floats
    unsafe: Floats


def outlook(
    ahead: DemandAhead, on_hand: Floats, incoming: Incoming, level: Floats, delivery: Floats
) -> Outlook:
    """Look ahead from stock `on_hand` (N,), with deliveries that come, at service levels (N,).

    An order of today comes `delivery` days (N,) from now.
    """
    none, scores = np.zeros(len(ahead)), normal.quantile(level)

    def enough(days: Floats) -> Floats:
        return from_quantiles(*ahead.total(none, days)).at_scores(scores)

    nothing = Incoming.nothing()
    return Outlook(
        runs_out(ahead.expected, on_hand, nothing),
        runs_out(ahead.expected, on_hand, incoming),
        runs_out(enough, on_hand, incoming, delivery),
    )


def runs_out(demand: Until, on_hand: Floats, incoming: Incoming, since: Floats | float = 0.0) -> Floats:
    """Return the moment (N,), from `since` on, at which demand exceeds what is there; NaN beyond a year.

    Between two deliveries what is there stays the same and demand only grows, so that the moment lies there
    if demand is too large just before the second one.
    """
    days, units = incoming.by_product(len(on_hand))
    found, there = np.full(len(on_hand), np.nan), on_hand.copy()
    begin = np.zeros(len(on_hand))
    for number in range(days.shape[1] + 1):
        last = number == days.shape[1]
        end = np.full(len(on_hand), LONGEST_DAYS) if last else np.minimum(days[:, number], LONGEST_DAYS)
        inside = np.isnan(found) & (end > since) & (demand(end) > there)
        if inside.any():
            found = np.where(inside, _moment(demand, there, np.maximum(begin, since), end), found)
        if not last:
            there, begin = there + units[:, number], end
    return found


def _moment(demand: Until, there: Floats, low: Floats, high: Floats) -> Floats:
    """Return the moment (N,) between two from which on demand exceeds what is there."""
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        beyond = demand(middle) > there
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return high
