"""Demand until the next delivery, held against stock."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from siprems_backend.extensions.database import database
from siprems_backend.models import parameter_queries, report_queries, shop_forecast_queries
from siprems_backend.models.report_queries import Stocked
from siprems_backend.models.shop_forecast_queries import ServedForecast
from siprems_backend.services.progress import OnProgress
from siprems_backend.services.replenishment.parameters import DEFAULTS
from siprems_backend.services.replenishment.plan_day import planning_day
from siprems_backend.services.tool_runner import shop_filters
from siprems_backend.services.tool_runner.tool import Parameters
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.step import Step
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.demand import from_quantiles

# Days of the curve of products that have run out.
LONGEST = 28
# In how many days the next delivery of a product comes, by its id.
Lasting = Callable[[int], int]
# Products whose forecasts are in memory together.
TOGETHER = 1000


@dataclass(frozen=True)
class Risk:
    """A product until the next delivery, in so many `days`: units expected, wanted at worst (one case in
    twenty), and missing on average.

    `runs_out` is the day on which stock ends if all goes as expected; None beyond the days looked at.
    """

    product: Stocked
    days: int
    probability: float
    expected: float
    at_worst: float
    missing: float
    missing_value: float | None
    runs_out: dt.date | None
    covered_days: float


@dataclass(frozen=True, eq=False)
class Findings:
    """Risks, the highest loss first; how many products run out by day (LONGEST,), and who is left out."""

    risks: Sequence[Risk]
    today: dt.date
    at_risk_from: float
    out_by_day: Floats
    uncounted: Sequence[str]
    unforecast: Sequence[str]

    @property
    def at_risk(self) -> Sequence[Risk]:
        """Products that run out with at least the probability asked for."""
        return [risk for risk in self.risks if risk.probability >= self.at_risk_from]

    @property
    def empty(self) -> int:
        """Products without stock."""
        return sum(risk.product.stock <= 0 for risk in self.risks)

    @property
    def missing_value(self) -> float:
        """What is missing on average, in money."""
        return sum(risk.missing_value or 0.0 for risk in self.risks)

    @property
    def missing_units(self) -> float:
        """What is missing on average, in units."""
        return sum(risk.missing for risk in self.risks)

    @property
    def deliveries(self) -> tuple[dt.date, dt.date]:
        """The first and the last day of the products' next deliveries."""
        days = [risk.days for risk in self.risks] or [0]
        return self.today + dt.timedelta(days=min(days)), self.today + dt.timedelta(days=max(days))

    def summary(self) -> dict[str, Any]:
        """How many products are at risk, and what is missing."""
        return {
            "products": len(self.risks),
            "at_risk": len(self.at_risk),
            "out_of_stock": self.empty,
            "missing_units": round(self.missing_units, 2),
            "missing_value": round(self.missing_value, 2),
            "without_stock_records": len(self.uncounted),
            "without_forecast": len(self.unforecast),
        }


def measure(parameters: Parameters, on_progress: OnProgress) -> Findings:
    """Hold the stock of the products wanted against their stored forecasts."""
    skus = parameters.get("product_skus")
    if skus:
        shop_filters.require_products(skus)
    with database.reading() as session:
        products = report_queries.stocked(session, shop_filters.wanted(parameters))
        today = planning_day(session)
        lasting = _lasting(session, parameters.get("days"))
    counted = [product for product in products if product.is_counted]
    risks: list[Risk] = []
    out_by_day = np.zeros(LONGEST)
    for start in range(0, len(counted), TOGETHER):
        on_progress(start, len(counted), f"Looking at {len(counted)} products")
        for group in _groups(counted[start : start + TOGETHER], today):
            risks += group.risks(lasting)
            out_by_day += group.out_by_day()
    seen = {risk.product.id for risk in risks}
    return Findings(
        sorted(risks, key=_order),
        today,
        parameters["at_risk_from"],
        out_by_day,
        [product.sku for product in products if not product.is_counted],
        [product.sku for product in counted if product.id not in seen],
    )


def _lasting(session: Session, days: int | None) -> Lasting:
    """Return how many days the stock of a product has to last: those asked for, or its lead time."""
    if days is not None:
        return lambda _product_id: days
    usual = DEFAULTS["lead_time_days"]
    terms = parameter_queries.resolved(session)

    def lasting(product_id: int) -> int:
        said = terms[product_id].lead_time_days if product_id in terms else None
        return max(math.ceil(usual if said is None else said), 1)

    return lasting


def _order(risk: Risk) -> tuple[float, float, float, str]:
    """What loses the most money, then units, then is likeliest, first."""
    return -(risk.missing_value or 0.0), -risk.missing, -risk.probability, risk.product.sku


@dataclass(frozen=True, eq=False)
class _Group:
    """Products whose forecasts have the same step and length."""

    products: Sequence[Stocked]
    ahead: DemandAhead
    today: dt.date

    @property
    def _stock(self) -> Floats:
        return np.array([max(product.stock, 0.0) for product in self.products])

    def risks(self, lasting: Lasting) -> Iterator[Risk]:
        """What may happen until the next delivery of each product."""
        days = [lasting(product.id) for product in self.products]
        demand = from_quantiles(*self.ahead.total(self._days(0), np.array(days, dtype=np.float64)))
        stock, worst = self._stock, demand.quantile(np.full(len(self.products), 0.95))
        columns = zip(
            self.products,
            days,
            np.clip(1.0 - demand.probability(stock), 0.0, 1.0).tolist(),
            demand.mean.tolist(),
            worst.tolist(),
            demand.missing(stock).tolist(),
            self._ends().tolist(),
            strict=True,
        )
        for product, until, probability, expected, at_worst, missing, lasts in columns:
            empty = product.stock <= 0
            yield Risk(
                product,
                until,
                # An empty shelf has run out, whoever comes.
                1.0 if empty and expected > 0 else probability,
                expected,
                at_worst,
                missing,
                None if product.price is None else missing * product.price,
                self.today + dt.timedelta(days=int(lasts)) if np.isfinite(lasts) else None,
                lasts,
            )

    def out_by_day(self) -> Floats:
        """How many of the products have probably run out after each of the days to come, (LONGEST,)."""
        stock = self._stock
        by_day = [
            1.0 - from_quantiles(*self.ahead.total(self._days(0), self._days(day))).probability(stock)
            for day in range(1, LONGEST + 1)
        ]
        return np.sum(np.maximum.accumulate(by_day, axis=0), axis=1)

    def _ends(self) -> Floats:
        """In how many days the stock ends if all goes as expected, (N,); inf beyond a year."""
        stock, days = self._stock, np.full(len(self.products), np.inf)
        for day in [*range(1, 92), *range(98, 366, 7)]:
            reached = self.ahead.expected(self._days(day)) > stock
            days = np.where(reached & np.isinf(days), day - 1.0, days)
        return days

    def _days(self, days: int) -> Floats:
        return np.full(len(self.products), float(days))


def _groups(products: Sequence[Stocked], today: dt.date) -> Iterator[_Group]:
    """Products with a forecast that reaches beyond today, by its shape."""
    with database.lookup() as connection:
        found = shop_forecast_queries.served(connection, [product.id for product in products])
    alike: dict[tuple[int, int], list[tuple[Stocked, ServedForecast]]] = defaultdict(list)
    for product in products:
        made = found.get(product.id)
        if made is not None and (today - made.start_date).days < len(made.mean) * made.step_days:
            alike[made.step_days, len(made.mean)].append((product, made))
    for (step_days, _), pairs in alike.items():
        passed = [max((today - made.start_date).days, 0) for _, made in pairs]
        ahead = DemandAhead(
            np.array([made.mean for _, made in pairs]),
            np.array([made.totals for _, made in pairs]),
            Step.of_days(step_days),
            np.array(passed, dtype=np.float64),
        )
        yield _Group([product for product, _ in pairs], ahead, today)
