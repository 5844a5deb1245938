"""What a rule came to: service, stock, waste and money."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Indices
from siprems_engine.inventory.replay.course import Course
from siprems_engine.inventory.replay.floor import Ledger
from siprems_engine.inventory.terms import Terms


@dataclass(frozen=True, eq=False)
class Prices:
    """Money of a unit, (N,) each: `holding` for a period in stock, `missing` if it could have been sold,
    `wasted` if it expired; and `ordering` of an order line.
    """

    holding: Floats
    missing: Floats
    wasted: Floats
    ordering: Floats

    @classmethod
    def of_terms(cls, terms: Terms, period_days: int) -> Prices:
        """Return the prices that terms tell, or where they tell none those that the service level implies.

        It is right to suffice with probability p where a unit missing costs p / (1 - p) times what a unit
        left at the next review costs, which is 1 then; so does a unit that expires.
        """
        known = np.isfinite(terms.unit_cost) & np.isfinite(terms.price)
        level = terms.level
        return cls(
            np.where(known, terms.holding, 1.0 / terms.review) * period_days,
            np.where(known, np.maximum(terms.margin(), 0.0), level / (1.0 - level)),
            np.where(known, terms.unit_cost - np.nan_to_num(terms.salvage), 1.0),
            np.where(known, terms.ordering, 0.0),
        )

    def of(self, products: Indices) -> Prices:
        """Keep the prices of some products (m,)."""
        return Prices(*(getattr(self, field.name)[products] for field in fields(self)))

    def cost(self, ledger: Ledger) -> Floats:
        """Return the total cost (N,)."""
        return (
            self.holding * ledger.stock.sum(axis=1)
            + self.missing * ledger.lost.sum(axis=1)
            + self.wasted * ledger.wasted.sum(axis=1)
            + self.ordering * (ledger.ordered > 0).sum(axis=1)
        )


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures of N products, (N,) each, over the periods that are measured.

    `wanted` and `sold` are units. `cycles` are the times from one possible delivery to the next, `served`
    those of them in which nothing was missing, `asked` and `asked_served` the same of cycles with demand.
    `out` counts periods in which something was missing, `stock` is the mean stock in the evening.
    """

    wanted: Floats
    sold: Floats
    cycles: Floats
    served: Floats
    asked: Floats
    asked_served: Floats
    out: Floats
    stock: Floats
    wasted: Floats
    orders: Floats
    cost: Floats
    periods: int

    def pooled(self) -> Pooled:
        """Sum up all products."""
        return Pooled(
            products=len(self.wanted),
            cycles=int(self.cycles.sum()),
            fill_rate=_share(self.sold.sum(), self.wanted.sum()),
            cycle_service=_share(self.served.sum(), self.cycles.sum()),
            asked_service=_share(self.asked_served.sum(), self.asked.sum()),
            out_share=_share(self.out.sum(), float(self.periods * len(self.wanted))),
            stock=float(self.stock.sum()),
            wasted=float(self.wasted.sum()),
            orders=float(self.orders.sum()),
            cost=float(self.cost.sum()),
        )


@dataclass(frozen=True)
class Pooled:
    """Figures of all products together; shares of 1, NaN of nothing."""

    products: int
    cycles: int
    fill_rate: float
    cycle_service: float
    asked_service: float
    out_share: float
    stock: float
    wasted: float
    orders: float
    cost: float


def figures(ledger: Ledger, prices: Prices, course: Course) -> Figures:
    """Measure the cycles of a course that are measured, from one possible delivery to the next."""
    review, periods = course.review, course.measured_until - course.measured_from
    part = ledger.between(course.measured_from, course.measured_until)
    wanted = part.sold + part.lost
    missing = _by_cycle(part.lost, review) > 0
    asked = _by_cycle(wanted, review) > 0
    return Figures(
        wanted=wanted.sum(axis=1),
        sold=part.sold.sum(axis=1),
        cycles=np.full(len(wanted), float(missing.shape[1])),
        served=(~missing).sum(axis=1).astype(np.float64),
        asked=asked.sum(axis=1).astype(np.float64),
        asked_served=(asked & ~missing).sum(axis=1).astype(np.float64),
        out=(part.lost > 0).sum(axis=1).astype(np.float64),
        stock=part.stock.mean(axis=1),
        wasted=part.wasted.sum(axis=1),
        orders=(part.ordered > 0).sum(axis=1).astype(np.float64),
        cost=prices.cost(part),
        periods=periods,
    )


def _by_cycle(units: Floats, review: int) -> Floats:
    return np.asarray(units.reshape(len(units), -1, review).sum(axis=2))


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")
