"""What a simulation found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from siprems_engine.forecasting.series import Days
from siprems_engine.inventory.replay.course import Course
from siprems_engine.inventory.replay.figures import Pooled
from siprems_engine.inventory.replay.run import EARLIER, HINDSIGHT, PLAN, Outcome

DECIMALS = 4


@dataclass(frozen=True)
class RuleLine:
    """A rule's figures over all products, and its cost as a change from that of the earlier rule and of the
    best fixed levels in hindsight, which nobody could have known.
    """

    name: str
    figures: Pooled
    to_earlier: float
    to_hindsight: float


@dataclass(frozen=True, eq=False)
class Simulation:
    """A course, the SKUs of its products, and what became of each rule."""

    course: Course
    skus: Sequence[str]
    outcomes: Sequence[Outcome]
    in_money: bool

    @property
    def lines(self) -> list[RuleLine]:
        """The rules, the plan first."""
        pooled = {each.name: each.figures.pooled() for each in self.outcomes}
        return [
            RuleLine(name, found, _change(found, pooled[EARLIER]), _change(found, pooled[HINDSIGHT]))
            for name, found in pooled.items()
        ]

    @property
    def plan(self) -> RuleLine:
        """The line of the plan."""
        return next(line for line in self.lines if line.name == PLAN)

    @property
    def promised(self) -> float:
        """With which probability the orders of the plan were meant to suffice, on average."""
        plan = next(each for each in self.outcomes if each.name == PLAN)
        cycles = int(plan.figures.cycles.max(initial=0.0))
        return float("nan") if plan.promised is None else float(plan.promised[:, :cycles].mean())

    @property
    def days(self) -> Days:
        """The periods (T,) that figures are of."""
        course, begin = self.course, self.course.first + 1
        return course.grid.days[begin + course.measured_from : begin + course.measured_until]

    def largest(self, count: int) -> list[int]:
        """Return the places of the products that were asked for most."""
        wanted = self.outcomes[0].figures.wanted
        return [int(row) for row in np.argsort(-wanted, kind="stable")[:count]]

    def summary(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {
            "products": len(self.skus),
            "first_date": str(self.days[0]),
            "last_date": str(self.days[-1]),
            "step": str(self.course.grid.step),
            "in_money": self.in_money,
            "promised_service": _rounded(self.promised),
            "rules": [_as_json(line) for line in self.lines],
        }


def _as_json(line: RuleLine) -> dict[str, Any]:
    found = line.figures
    return {
        "rule": line.name,
        "cycle_service": _rounded(found.cycle_service),
        "fill_rate": _rounded(found.fill_rate),
        "stock_out_share": _rounded(found.out_share),
        "average_stock": _rounded(found.stock),
        "wasted_units": _rounded(found.wasted),
        "orders": _rounded(found.orders),
        "cost": _rounded(found.cost),
        "cost_to_earlier_rule": _rounded(line.to_earlier),
        "cost_to_hindsight": _rounded(line.to_hindsight),
    }


def _rounded(value: float) -> float | None:
    return round(value, DECIMALS) if np.isfinite(value) else None


def _change(found: Pooled, other: Pooled) -> float:
    return found.cost / other.cost - 1.0 if other.cost > 0 else float("nan")
