"""The lines of the plan that propose something, as one order for each supplier."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from siprems_backend.extensions.database import database
from siprems_backend.models import plan_queries
from siprems_backend.models.plan_lines import URGENCIES
from siprems_backend.services import product_choice
from siprems_backend.services.replenishment.plan_day import planning_day
from siprems_backend.services.tool_runner.tool import Parameters

__all__ = ["URGENCIES"]


@dataclass(frozen=True, eq=False)
class Order:
    """What to order of a supplier; None: of products without one. `minimum` is the least it takes."""

    supplier: str | None
    minimum: float | None
    lines: Sequence[Any]

    @property
    def units(self) -> float:
        """Units of all lines."""
        return sum(line.recommended for line in self.lines)

    @property
    def value(self) -> float:
        """What they cost, as far as it is known."""
        return sum(line.value or 0.0 for line in self.lines)

    @property
    def urgent(self) -> int:
        """Lines that cannot wait."""
        return sum(line.urgency_name == URGENCIES[0] for line in self.lines)

    @property
    def unpriced(self) -> int:
        """Lines of unknown cost."""
        return sum(line.value is None for line in self.lines)

    @property
    def missing(self) -> float:
        """What is missing to the supplier's minimum; nobody knows where a cost is unknown."""
        return 0.0 if self.unpriced else max((self.minimum or 0.0) - self.value, 0.0)

    @property
    def order_by(self) -> dt.date | None:
        """The first day on which one of its lines must be ordered."""
        return min((line.order_by for line in self.lines if line.order_by is not None), default=None)


@dataclass(frozen=True, eq=False)
class Proposal:
    """Orders, the most urgent first, on the day they are for; `made_at` is when the plan was made."""

    orders: Sequence[Order]
    day: dt.date
    planned: int
    made_at: dt.datetime | None

    @property
    def lines(self) -> int:
        """Lines of all orders."""
        return sum(len(order.lines) for order in self.orders)

    @property
    def suppliers(self) -> int:
        """How many suppliers there is something to order from."""
        return sum(order.supplier is not None for order in self.orders)

    @property
    def value(self) -> float:
        """What all orders cost, as far as it is known."""
        return sum(order.value for order in self.orders)

    def summary(self) -> dict[str, Any]:
        """How much there is to order."""
        return {
            "plan_date": str(self.day),
            "orders": len(self.orders),
            "lines": self.lines,
            "urgent": sum(order.urgent for order in self.orders),
            "units": round(sum(order.units for order in self.orders), 2),
            "value": round(self.value, 2),
            "below_minimum": sum(order.missing > 0 for order in self.orders),
        }


def read(parameters: Parameters) -> Proposal:
    """Read the stored plan; nothing is made anew, for a tool only reads."""
    named: dict[str, Any] = {
        name: parameters[name] for name in ("supplier", "category", "urgency") if name in parameters
    }
    wanted = named | product_choice.of_classes(parameters)
    with database.reading() as session:
        day = planning_day(session)
        planned = plan_queries.totals(session).lines
        lines = plan_queries.lines(session, to_order=True, **wanted)
        minimums = {
            row.supplier: row.minimum_order_value for row in plan_queries.by_supplier(session, **wanted)
        }
    groups: dict[str | None, list[Any]] = defaultdict(list)
    for line in lines:
        groups[line.supplier].append(line)
    orders = [Order(supplier, minimums.get(supplier), some) for supplier, some in groups.items()]
    made_at = min((line.made_at for line in lines), default=None)
    return Proposal(sorted(orders, key=_order), day, planned, made_at)


def _order(order: Order) -> tuple[bool, int, float, str]:
    """Products without a supplier come last; of the others those with the most urgent lines first."""
    return order.supplier is None, -order.urgent, -order.value, order.supplier or ""
