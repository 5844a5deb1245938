"""What to order today: a line for every product, in arrays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory import lead_times
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.capital import gain_per_money, within_budget
from siprems_engine.inventory.choice import first_true
from siprems_engine.inventory.demand import from_quantiles, protection_demand
from siprems_engine.inventory.errors import InvalidPlan
from siprems_engine.inventory.incoming import Incoming
from siprems_engine.inventory.levels import Levels, covered_demand, levels
from siprems_engine.inventory.money import expected_cost
from siprems_engine.inventory.outlook import Outlook, outlook
from siprems_engine.inventory.rounding import round_order, whole_units
from siprems_engine.inventory.terms import Terms

# Less than this is no need but the rounding of sums.
NOTHING = 1e-6


class Urgency(StrEnum):
    """How soon somebody has to do something."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Limit(StrEnum):
    """What made an order other than what is needed."""

    NONE = ""
    PACK = "pack"
    MINIMUM = "minimum"
    SHELF_LIFE = "shelf_life"
    MAX_STOCK = "max_stock"
    CAPITAL = "capital"


@dataclass(frozen=True, eq=False)
class PlanLines:
    """Lines of N products, each (N,); units, days from today or money, NaN where unknown or beyond a year.

    `on_order_in_time` of `on_order` comes before the delivery after the one ordered now. Demand is that until
    then (of what does not keep so long: while the delivery is good). `need` is what is missing to the level,
    `order` what to order of it. `service_now` is the probability that what is there and on its way suffices,
    `service_with` that it does with the order. `expected_short` and `expected_left` are what is missing and
    left on average with it, `expected_cost` what they and the order cost until then; `value` is what the
    order costs to buy, `gain_per_money` what it earns on average in parts of that. `limit` says what the
    order was rounded or cut by. `delivery` is when the order usually comes, `next_delivery` the one after.
    """

    on_hand: Floats
    on_order: Floats
    on_order_in_time: Floats
    predicted_demand: Floats
    reorder_point: Floats
    safety_stock: Floats
    order_up_to: Floats
    need: Floats
    order: Floats
    urgency: NDArray[Any]
    days_of_cover: Floats
    stock_out: Floats
    order_by: Floats
    delivery: Floats
    next_delivery: Floats
    service_level: Floats
    service_now: Floats
    service_with: Floats
    expected_short: Floats
    expected_left: Floats
    expected_cost: Floats
    value: Floats
    gain_per_money: Floats
    policy: NDArray[Any]
    limit: NDArray[Any]

    def __len__(self) -> int:
        """Number of lines."""
        return len(self.order)


def plan_lines(
    ahead: DemandAhead,
    terms: Terms,
    on_hand: Floats,
    incoming: Incoming | None = None,
    budget: float | None = None,
) -> PlanLines:
    """Plan the orders of today from forecasts, terms, stock (N,) and what is on its way.

    With a `budget` of money only those orders are made that earn most for it.

    Time begins with the first day that `ahead` knows and whose demand is still to come: stock is what is
    there then. Records of negative stock count as none. Raises `InvalidPlan`.
    """
    situation = _Situation(ahead, terms, _stock(on_hand, len(ahead)), incoming or Incoming.nothing())
    return situation.lines(budget)


def orders(
    ahead: DemandAhead, terms: Terms, on_hand: Floats, incoming: Incoming | None = None
) -> tuple[Floats, Floats]:
    """Return what `plan_lines` orders, (N,), and the probability (N,) that it suffices, and nothing else."""
    situation = _Situation(ahead, terms, _stock(on_hand, len(ahead)), incoming or Incoming.nothing())
    order, _ = situation.order(situation.need())
    return order, situation.service(situation.available + order)


def _stock(on_hand: Floats, products: int) -> Floats:
    if on_hand.shape != (products,) or not np.isfinite(on_hand).all():
        raise InvalidPlan("There must be a stock, a finite number, for each product.")
    return np.maximum(on_hand, 0.0)


class _Situation:
    """Everything known of N products today."""

    def __init__(self, ahead: DemandAhead, terms: Terms, on_hand: Floats, incoming: Incoming) -> None:
        if len(terms) != len(ahead):
            raise InvalidPlan("There must be terms for each forecast.")
        if len(incoming.product) and not 0 <= incoming.product.min() <= incoming.product.max() < len(ahead):
            raise InvalidPlan("A delivery is of no product of the plan.")
        self.ahead, self.terms, self.incoming = ahead, terms, incoming
        self.covered = covered_demand(ahead, terms)
        self.levels: Levels = levels(ahead, terms, self.covered)
        self.on_hand = on_hand
        # Of what spoils before the delivery comes, only deliveries that come with it help.
        self.usable = np.where(terms.spoils_first, 0.0, on_hand)
        self.in_time = self._in_time()
        self.available = self.usable + self.in_time

    def lines(self, budget: float | None) -> PlanLines:
        """Return the lines."""
        terms, found = self.terms, self.levels
        need = self.need()
        order, limit = self.order(need)
        gain = gain_per_money(order, self.available, self.covered, terms)
        if budget is not None:
            order, limit = self._afforded(order, limit, budget)
        seen = outlook(self.ahead, self.on_hand, self.incoming, found.service_level, terms.lead_mean)
        after = self.available + order
        short, left = self.covered.missing(after), self.covered.left(after)
        return PlanLines(
            on_hand=self.on_hand,
            on_order=self.incoming.units_of(len(terms)),
            on_order_in_time=self.in_time,
            predicted_demand=self.covered.mean,
            reorder_point=found.reorder_point,
            safety_stock=np.maximum(found.reorder_point - self.covered.mean, 0.0),
            order_up_to=found.order_up_to,
            need=need,
            order=order,
            urgency=self._urgency(need, seen),
            days_of_cover=seen.cover,
            stock_out=seen.stock_out,
            order_by=self._order_by(need, seen),
            delivery=np.ceil(terms.lead_mean - NOTHING),
            next_delivery=np.ceil(terms.lead_mean + terms.window - NOTHING),
            service_level=found.service_level,
            service_now=self.service(self.available),
            service_with=self.service(after),
            expected_short=short,
            expected_left=left,
            expected_cost=expected_cost(terms, order, short, left),
            value=np.where(order > 0, order * terms.unit_cost, 0.0),
            gain_per_money=gain,
            policy=found.policy,
            limit=limit,
        )

    def service(self, units: Floats) -> Floats:
        """Return the probability (N,) that so many units suffice; see `whole_units` for the half."""
        return self.covered.probability(np.where(self.terms.pack % 1.0 == 0, units + 0.5, units))

    def _in_time(self) -> Floats:
        """Return the units (N,) that come before the delivery after the one ordered now."""
        terms, count = self.terms, len(self.terms)
        coming = self.incoming.before(count, terms.lead_mean + terms.window)
        gone = self.incoming.before(count, np.maximum(terms.lead_mean + 1.0 - terms.shelf_life, 0.0))
        return np.where(terms.spoils_first, np.maximum(coming - gone, 0.0), coming)

    def need(self) -> Floats:
        """Return the units (N,) missing to the order-up-to level where the reorder point is reached."""
        found = self.levels
        missing = found.reorder_point - self.available
        to_level = found.order_up_to - self.available
        lots = np.where(found.quantity > 0, found.quantity, 1.0)
        multiple = np.ceil(missing / lots - NOTHING) * found.quantity
        need = np.where(found.quantity > 0, multiple, to_level)
        need = np.where(missing > NOTHING, need, 0.0)
        return np.maximum(need, self._need_before_late_deliveries())

    def _need_before_late_deliveries(self) -> Floats:
        """Return the units (N,) without which products run out before deliveries that come after the order.

        What is on its way counts from its day on; until then stock and order have to last alone.
        """
        product, days = self.incoming.product, self.incoming.days
        need = np.zeros(len(self.terms))
        between = (days > self.terms.lead_mean[product]) & ~self.terms.spoils_first[product]
        between &= days < (self.terms.lead_mean + self.terms.window)[product]
        if between.any():
            rows, some = product[between], days[between]
            mean, quantiles = self.ahead.of(rows).total(np.zeros(len(rows)), some)
            enough = from_quantiles(mean, quantiles).quantile(self.levels.service_level[rows])
            enough = whole_units(enough, self.terms.pack[rows])
            lacking = enough - self.usable[rows] - self.incoming.earlier()[between]
            np.maximum.at(need, rows, lacking)
        return np.where(need > NOTHING, need, 0.0)

    def order(self, need: Floats) -> tuple[Floats, NDArray[Any]]:
        """Return orders (N,), and what they were rounded or cut by."""
        terms = self.terms
        shelf, room = self._before_expiry(), self._room()
        most = np.minimum(shelf, room)
        wanted = round_order(need, terms.pack, terms.min_order, np.full(len(need), np.inf))
        order = round_order(need, terms.pack, terms.min_order, most)
        # Packs of one are no limit: only whole units can be bought.
        limits = [
            (order < wanted) & (room <= shelf),
            order < wanted,
            (order > 0) & (need < terms.min_order),
            (terms.pack != 1.0) & (order > need + NOTHING),
        ]
        names = [Limit.MAX_STOCK, Limit.SHELF_LIFE, Limit.MINIMUM, Limit.PACK]
        return order, first_true(limits, names, Limit.NONE)

    def _afforded(self, order: Floats, limit: NDArray[Any], budget: float) -> tuple[Floats, NDArray[Any]]:
        """Return orders (N,) within a budget, and what they were cut by now."""
        bought = within_budget(order, self.available, self.covered, self.terms, budget)
        cut = limit.copy()
        cut[bought < order - NOTHING] = Limit.CAPITAL
        return bought, cut

    def _before_expiry(self) -> Floats:
        """Return the most units (N,) that it pays to order, as more would expire; inf of what keeps."""
        terms = self.terms
        keeps = np.isnan(terms.shelf_life)
        most = np.full(len(terms), np.inf)
        if not keeps.all():
            some = ~keeps
            part, spoils = terms.of_products(some), terms.spoils_first[some]
            until = protection_demand(
                self.ahead.of(some), part.lead_mean, part.lead_deviation, part.shelf_life
            )
            sells = until.quantile(part.level_before_expiry) - self.available[some]
            most[some] = np.where(spoils, np.inf, np.ceil(sells - NOTHING))
        return most

    def _room(self) -> Floats:
        """Return the units (N,) for which there will be room when the delivery comes; inf without a limit."""
        terms, count = self.terms, len(self.terms)
        by_then = self.usable + self.incoming.before(count, terms.lead_mean)
        there = np.maximum(by_then - self.ahead.expected(terms.lead_mean), 0.0)
        return np.where(np.isnan(terms.max_stock), np.inf, terms.max_stock - there)

    def _urgency(self, need: Floats, seen: Outlook) -> NDArray[Any]:
        """High if demand exceeds all there is by more than the stock, or the stock ends before a delivery."""
        gap = self.covered.mean - self.available
        before = seen.stock_out < np.maximum(self.terms.lead_mean, 1.0)
        high = (need > 0) & ((gap > self.on_hand) | before)
        return first_true([high, need > 0], [Urgency.HIGH, Urgency.MEDIUM], Urgency.LOW)

    def _order_by(self, need: Floats, seen: Outlook) -> Floats:
        """Return the last day (N,) on which an order still comes in time; today where one is due."""
        terms = self.terms
        lead = lead_times.quantile(terms.lead_mean, terms.lead_deviation, self.levels.service_level)
        return np.where(need > 0, 0.0, np.maximum(np.floor(seen.unsafe - lead), 0.0))
