"""How long stock has been lying, what it is worth, and how long it will last."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from siprems_backend.extensions.database import database
from siprems_backend.models import report_queries
from siprems_backend.models.report_queries import Stocked
from siprems_backend.services.progress import OnProgress
from siprems_backend.services.replenishment.plan_day import planning_day
from siprems_backend.services.tool_runner import shop_filters
from siprems_backend.services.tool_runner.tool import Parameters

# The pace of selling is that of so many days.
PACE_DAYS = 91


class State(StrEnum):
    """What stock is, the worst first."""

    DEAD = "dead"
    SLOW = "slow"
    TOO_MUCH = "too much"
    FINE = "fine"


@dataclass(frozen=True)
class Item:
    """A product with stock; `idle` are days since its last sale, or since it was added if it never sold.

    `value` is what the stock cost, or would bring where no cost is known; None without either. `cover` is for
    how many days it lasts at the pace of the last weeks; inf if nothing sells. `excess` is the value of what
    is beyond the cover wanted.
    """

    product: Stocked
    idle: int
    pace: float
    value: float | None
    cover: float
    excess: float
    state: State

    @property
    def never_sold(self) -> bool:
        """Whether it never sold."""
        return self.product.last_sale is None


@dataclass(frozen=True, eq=False)
class Findings:
    """Products with stock, the worst first; a shop that is a record of the past is seen as it was then."""

    items: Sequence[Item]
    today: dt.date
    empty: int

    def of(self, state: State) -> Sequence[Item]:
        """Products whose stock is this."""
        return [item for item in self.items if item.state == state]

    def value(self, state: State | None = None) -> float:
        """What is tied up in stock of a state, or in all."""
        return sum(item.value or 0.0 for item in self.items if state is None or item.state == state)

    @property
    def excess(self) -> float:
        """What is tied up in stock that is too much, slow or dead."""
        return sum(item.excess for item in self.items)

    @property
    def unpriced(self) -> int:
        """Products whose stock has no value, for neither cost nor price is known."""
        return sum(item.value is None for item in self.items)

    def summary(self) -> dict[str, Any]:
        """Counts and values."""
        states = {
            state.value.replace(" ", "_"): {
                "products": len(self.of(state)),
                "value": round(self.value(state), 2),
            }
            for state in State
        }
        whole = {"products": len(self.items), "value": round(self.value(), 2)}
        return {**whole, **states, "excess_value": round(self.excess, 2)}


def measure(parameters: Parameters, on_progress: OnProgress) -> Findings:
    """Look at the stock of the products wanted."""
    skus = parameters.get("product_skus")
    if skus:
        shop_filters.require_products(skus)
    on_progress(0, 2, "Reading stock and sales")
    with database.reading() as session:
        products = report_queries.stocked(session, shop_filters.wanted(parameters))
        today = planning_day(session)
        sold = report_queries.sold_since(session, today - dt.timedelta(days=PACE_DAYS))
    on_progress(1, 2, f"Looking at {len(products)} products")
    stocked = [product for product in products if product.stock > 0]
    items = [_item(product, sold.get(product.id, 0.0), today, parameters) for product in stocked]
    return Findings(sorted(items, key=_order), today, len(products) - len(stocked))


def _item(product: Stocked, sold: float, today: dt.date, parameters: Parameters) -> Item:
    since = product.created_on if product.last_sale is None else product.last_sale
    idle, pace = max((today - since).days, 0), max(sold, 0.0) / PACE_DAYS
    cover = product.stock / pace if pace > 0 else math.inf
    unit = product.cost if product.cost is not None else product.price
    state = _state(idle, cover, product, parameters)
    wanted = {State.FINE: product.stock, State.TOO_MUCH: pace * parameters["cover_days"]}.get(state, 0.0)
    value = None if unit is None else product.stock * unit
    return Item(product, idle, pace, value, cover, (product.stock - wanted) * (unit or 0.0), state)


def _state(idle: int, cover: float, product: Stocked, parameters: Parameters) -> State:
    if idle >= parameters["dead_after_days"]:
        return State.DEAD
    if idle >= parameters["slow_after_days"]:
        return State.SLOW
    # What was added lately and has not sold yet had no time to.
    new = product.last_sale is None
    return State.TOO_MUCH if cover > parameters["cover_days"] and not new else State.FINE


def _order(item: Item) -> tuple[int, float, int, str]:
    """Dead before slow before too much; of these what ties up the most money, then what lies longest."""
    return list(State).index(item.state), -(item.value or 0.0), -item.idle, item.product.sku
