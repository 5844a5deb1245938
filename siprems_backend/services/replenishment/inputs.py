"""What is known of products when their lines are made, read at one moment."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from siprems_backend.models import parameter_queries, plan_inputs
from siprems_backend.models.parameter_queries import Resolved
from siprems_backend.models.plan_inputs import ForecastText, ProductFacts
from siprems_backend.services.replenishment import on_the_way, parameters
from siprems_backend.services.replenishment.on_the_way import Delivery
from siprems_backend.services.replenishment.order_days import Chances, chances
from siprems_backend.services.replenishment.plan_day import planning_day
from siprems_engine.forecasting.shop.quantiles import LEVELS
from siprems_engine.forecasting.step import Step
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.shared_levels import FEWEST_PRODUCTS

# Days of a forecast that are read: thirteen weeks, or what the slowest of the deliveries takes. Beyond the
# end of what is read the engine goes on by the last weeks.
USUAL_DAYS = 91
# A delivery that is very late takes so many standard deviations longer.
LATE = 4.0


@dataclass(frozen=True)
class Facts:
    """One product with its terms, its forecast and what is on its way."""

    product: ProductFacts
    terms: Mapping[str, Any]
    supplier: str | None
    chances: Chances
    order_days: Sequence[int] | None
    # The class of value by which the shop's service level is shared out; None where none is.
    value_class: str | None
    # What was sent and is to come; units in drafts.
    coming: Sequence[Delivery]
    on_draft: float
    forecast: ForecastText | None
    seen: int

    def with_forecast(self, forecast: ForecastText) -> Facts:
        """The same with another forecast."""
        return replace(self, forecast=forecast)


def read(
    session: Session, product_ids: Sequence[int], *, sold_only: bool = True
) -> tuple[dt.date, list[Facts]]:
    """The day that is planned for, and these products (as far as they are sold) by their ids."""
    day = planning_day(session)
    seen = plan_inputs.changes(session, product_ids)
    products = plan_inputs.products(session, product_ids, sold_only=sold_only)
    ids = [product.id for product in products]
    resolved = parameter_queries.resolved(session, ids)
    open_orders = on_the_way.read(session, ids)
    terms = {key: parameters.with_defaults(row) for key, row in resolved.items()}
    said = {key: _chances(day, resolved[key], terms[key]) for key in ids}
    periods = _days_needed(terms, said)
    catalogue = plan_inputs.sold(session) >= FEWEST_PRODUCTS
    forecasts = {row.product_id: row for row in plan_inputs.forecasts(session, ids, periods)}
    return day, [
        Facts(
            product,
            terms[product.id],
            resolved[product.id].supplier,
            said[product.id],
            resolved[product.id].order_days,
            product.value_class if catalogue and resolved[product.id].shares_level else None,
            open_orders.coming.get(product.id, ()),
            open_orders.on_draft.get(product.id, 0.0),
            forecasts.get(product.id),
            seen.get(product.id, 0),
        )
        for product in products
    ]


def _chances(day: dt.date, row: Resolved, terms: Mapping[str, Any]) -> Chances:
    return chances(day, row.order_days, int(terms["review_days"]))


def _days_needed(terms: Mapping[int, Mapping[str, Any]], said: Mapping[int, Chances]) -> int:
    """How far ahead the slowest product's order has to last; forecasts in weeks have enough by far."""
    reach = [
        chance.wait + chance.review + own["lead_time_days"] + LATE * own["lead_time_sd_days"]
        for own, chance in ((terms[key], said[key]) for key in said)
    ]
    return max(USUAL_DAYS, 7 * math.ceil(max(reach, default=0) / 7) + 7)


def demand_ahead(forecasts: Sequence[ForecastText], base: dt.date) -> DemandAhead:
    """Forecasts of equal length and step as the engine takes them, seen from the morning of `base`."""
    count, periods = len(forecasts), forecasts[0].periods
    means = np.fromstring(" ".join(row.mean for row in forecasts), sep=" ")
    totals = np.fromstring(" ".join(row.totals for row in forecasts), sep=" ")
    return DemandAhead(
        means.reshape(count, periods),
        totals.reshape(count, periods, len(LEVELS)),
        Step.of_days(forecasts[0].step_days),
        np.array([float((base - row.start_date).days) for row in forecasts]),
    )
