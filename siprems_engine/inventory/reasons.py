"""Why a line orders what it orders: a key and its values, from which a sentence is made in any language."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from siprems_engine.inventory.plan import Limit, PlanLines, Urgency
from siprems_engine.inventory.policies import Policy
from siprems_engine.inventory.terms import Terms

Value = float | dt.date | str
# Less demand than this until the next delivery is hardly any.
HARDLY = 0.5


class Why(StrEnum):
    """What the sentence says; translations have one text for each."""

    SOLD_OUT = "sold_out"
    AWAITED = "awaited"
    BEFORE_DELIVERY = "runs_out_before_delivery"
    RUNS_OUT = "runs_out"
    SAFETY = "safety"
    BEFORE_WHAT_COMES = "runs_out_before_what_comes"
    NOTHING_UNTIL = "nothing_until_what_comes"
    ENOUGH = "enough"
    PLENTY = "plenty"
    HARDLY_SELLS = "hardly_sells"
    NOT_ASKED_FOR = "not_asked_for"
    FRESH = "fresh"
    FRESH_ENOUGH = "fresh_enough"
    EXPIRES = "order_would_expire"
    NO_ROOM = "no_room"
    NO_MONEY = "no_money"


@dataclass(frozen=True)
class Reason:
    """What is said, with which numbers and dates; `limit` is what the order was rounded or cut by.

    Values: `stock`, `coming` (what is on its way in time), `late` (what comes too late), `demand` until
    `next`, the day of the delivery after the one ordered now, which comes on `delivery`; `order`, `need`,
    `level` in percent, `stock_out` and `order_by` as days, `pack`, `smallest` for the least that can be
    ordered, `shelf_life` in days. Those that do not apply are left out.
    """

    why: Why
    limit: Limit
    values: dict[str, Value]


def reasons(lines: PlanLines, terms: Terms, today: dt.date) -> list[Reason]:
    """Return the reason of every line; `today` is the first day whose demand is still to come."""
    return [_reason(lines, terms, row, today) for row in range(len(lines))]


def _reason(lines: PlanLines, terms: Terms, row: int, today: dt.date) -> Reason:
    return Reason(_why(lines, row), lines.limit[row], _values(lines, terms, row, today))


def _why(lines: PlanLines, row: int) -> Why:
    order, need = lines.order[row] > 0, lines.need[row] > 0
    if need and not order:
        return {Limit.MAX_STOCK: Why.NO_ROOM, Limit.CAPITAL: Why.NO_MONEY}.get(lines.limit[row], Why.EXPIRES)
    if lines.policy[row] == Policy.NEWSVENDOR:
        return Why.FRESH if order else Why.FRESH_ENOUGH
    return _why_ordered(lines, row) if order else _why_not(lines, row)


def _why_ordered(lines: PlanLines, row: int) -> Why:
    stock_out = lines.stock_out[row]
    if lines.on_hand[row] + lines.on_order_in_time[row] <= 0:
        return Why.SOLD_OUT
    if lines.on_hand[row] <= 0 and stock_out < 1:
        return Why.AWAITED
    if lines.urgency[row] is Urgency.HIGH and stock_out < lines.delivery[row]:
        return Why.BEFORE_DELIVERY
    return Why.RUNS_OUT if stock_out < lines.next_delivery[row] else Why.SAFETY


def _why_not(lines: PlanLines, row: int) -> Why:
    hardly = lines.predicted_demand[row] < HARDLY
    if lines.on_hand[row] + lines.on_order[row] <= 0:
        return Why.NOT_ASKED_FOR
    if math.isnan(lines.stock_out[row]):
        return Why.HARDLY_SELLS if hardly else Why.PLENTY
    if lines.on_order_in_time[row] > 0 and lines.stock_out[row] < lines.delivery[row]:
        # Whoever orders today is later than that.
        return Why.BEFORE_WHAT_COMES if lines.on_hand[row] > 0 else Why.NOTHING_UNTIL
    return Why.ENOUGH


def _values(lines: PlanLines, terms: Terms, row: int, today: dt.date) -> dict[str, Value]:
    in_time, pack = float(lines.on_order_in_time[row]), float(terms.pack[row])
    numbers = {
        "stock": lines.on_hand[row],
        "coming": in_time,
        "late": lines.on_order[row] - in_time,
        "demand": lines.predicted_demand[row],
        "order": lines.order[row],
        "need": lines.need[row],
        "level": 100.0 * lines.service_level[row],
        "pack": pack,
        "smallest": pack * max(1.0, math.ceil(terms.min_order[row] / pack - 1e-6)),
        "shelf_life": terms.shelf_life[row],
    }
    days = {
        "delivery": lines.delivery[row],
        "next": lines.next_delivery[row],
        "stock_out": lines.stock_out[row],
        "order_by": lines.order_by[row],
    }
    found: dict[str, Value] = {name: float(value) for name, value in numbers.items() if not np.isnan(value)}
    found |= {name: _day(today, value) for name, value in days.items() if not np.isnan(value)}
    return found


def _day(today: dt.date, days: float) -> dt.date:
    return today + dt.timedelta(days=math.floor(days))
