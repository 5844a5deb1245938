"""Demand until what is ordered today comes, held against stock and what is on its way."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from siprems_backend.extensions.database import database
from siprems_backend.models import parameter_queries, report_queries, shop_forecast_queries
from siprems_backend.models.report_queries import Stocked
from siprems_backend.models.shop_forecast_queries import ServedForecast
from siprems_backend.services.progress import OnProgress
from siprems_backend.services.replenishment import on_the_way
from siprems_backend.services.replenishment.on_the_way import OnTheWay, incoming
from siprems_backend.services.replenishment.parameters import DEFAULTS
from siprems_backend.services.replenishment.plan_day import planning_day
from siprems_backend.services.tool_runner import shop_filters
from siprems_backend.services.tool_runner.tool import Parameters
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.step import Step
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.demand import from_quantiles
from siprems_engine.inventory.outlook import runs_out
from siprems_engine.inventory.shortage import shortage

# Days of the curve of products that have run out.
LONGEST = 28
# In one case of twenty even more is wanted.
AT_WORST = 0.95
# Products whose forecasts are in memory together.
TOGETHER = 1000


@dataclass(frozen=True)
class Risk:
    """A product in the next so many `days`: units expected, wanted at worst (one case in
    twenty), and missing on average.

    `coming` are the units on their way that come before that. `runs_out` is the day on which stock ends if
    all goes as expected and what is on its way comes; None beyond a year.
    """

    product: Stocked
    days: int
    coming: float
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
        lead_days = _lead_days(session, [product.id for product in products])
        open_orders = on_the_way.read(session, [product.id for product in products])
    counted = [product for product in products if product.is_counted]
    risks: list[Risk] = []
    out_by_day = np.zeros(LONGEST)
    for start in range(0, len(counted), TOGETHER):
        on_progress(start, len(counted), f"Looking at {len(counted)} products")
        for group in _groups(counted[start : start + TOGETHER], today):
            risks += group.risks(lead_days, parameters.get("days"), open_orders)
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


def _lead_days(session: Session, product_ids: Sequence[int]) -> dict[int, float]:
    """In how many days what is ordered now comes, by product id."""
    usual = DEFAULTS["lead_time_days"]
    terms = parameter_queries.resolved(session, product_ids)
    said = {key: terms[key].lead_time_days if key in terms else None for key in product_ids}
    return {key: usual if days is None else days for key, days in said.items()}


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

    def risks(
        self, lead_days: Mapping[int, float], asked: int | None, open_orders: OnTheWay
    ) -> Iterator[Risk]:
        """What may happen within the days asked for, or until what is ordered now comes to each product."""
        leads = [lead_days[product.id] for product in self.products]
        days = [asked or max(math.ceil(lead), 1) for lead in leads]
        until = np.array(days, dtype=np.float64)
        deliveries = [open_orders.coming.get(product.id, ()) for product in self.products]
        coming = incoming(deliveries, leads, self.today)
        probability, missing = shortage(self.ahead, self._stock, coming, until)
        demand = from_quantiles(*self.ahead.total(self._days(0), until))
        columns = zip(
            self.products,
            days,
            coming.before(len(days), until).tolist(),
            probability.tolist(),
            demand.mean.tolist(),
            demand.quantile(np.full(len(days), AT_WORST)).tolist(),
            missing.tolist(),
            np.floor(runs_out(self.ahead.expected, self._stock, coming)).tolist(),
            strict=True,
        )
        for product, within, due, chance, expected, at_worst, lacking, lasts in columns:
            empty = product.stock <= 0
            yield Risk(
                product,
                within,
                due,
                # An empty shelf has run out, whoever comes.
                1.0 if empty and expected > 0 else chance,
                expected,
                at_worst,
                lacking,
                None if product.price is None else lacking * product.price,
                None if math.isnan(lasts) else self.today + dt.timedelta(days=int(lasts)),
                math.inf if math.isnan(lasts) else lasts,
            )

    def out_by_day(self) -> Floats:
        """How many of the products have probably run out after each of the days to come, (LONGEST,)."""
        stock = self._stock
        by_day = [
            1.0 - from_quantiles(*self.ahead.total(self._days(0), self._days(day))).probability(stock)
            for day in range(1, LONGEST + 1)
        ]
        return np.sum(np.maximum.accumulate(by_day, axis=0), axis=1)

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
