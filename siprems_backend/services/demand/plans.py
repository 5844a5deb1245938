"""Promotions of products and categories by period: the plan, and what is made of a shop without one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from siprems_backend.models import demand_queries
from siprems_backend.models.demand_queries import PairText
from siprems_backend.services.demand.calendar import Calendar
from siprems_backend.services.histories import dates_of
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.forecasting.shop.panel import Flags
from siprems_engine.forecasting.shop.periods import planned

# A shop whose last planned promotion ended longer ago, with none to come, does not plan any more.
STILL_PLANS = dt.timedelta(weeks=8)


def with_promotions(session: Session, calendar: Calendar, products: Sequence[Any], grid: Grid) -> Grid:
    """Put the plan in the place of the flags of sales, as `Grid.with_plans` does, if the shop plans at all.

    If it does not, nothing is known of the promotions to come. Flags of the past would say that these have
    ended, and the forecast would lack them; so no promotion is told, and the level holds the usual ones.
    """
    if demand_queries.any_plan_since(session, calendar.last_date - STILL_PLANS):
        return grid.with_plans(planned_periods(session, calendar, products), calendar.last)
    return grid.with_promotions(np.zeros_like(grid.promo))


def planned_periods(session: Session, calendar: Calendar, products: Sequence[Any]) -> Flags:
    """Mark the periods (N, T), past and to come, that a plan of the product or of its category covers."""
    ids, span = [product.id for product in products], (calendar.first_date, calendar.end_date)
    marked = _marked(calendar, ids, demand_queries.product_plans(session, ids, *span))
    categories = list(dict.fromkeys(product.category for product in products))
    of_category = _marked(calendar, categories, demand_queries.category_plans(session, *span))
    if of_category.any():
        row = {category: row for row, category in enumerate(categories)}
        marked |= of_category[[row[product.category] for product in products]]
    return marked


def _marked(calendar: Calendar, keys: Sequence[Hashable], plans: Iterable[PairText]) -> Flags:
    """Mark the periods (keys, T) of plans, whose days are texts; plans of other keys are passed over."""
    row = {key: row for row, key in enumerate(keys)}
    ranges = [(row[key], dates_of(first), dates_of(last)) for key, first, last in plans if key in row]
    none = dates_of("")
    rows = np.repeat([row for row, _, _ in ranges], [len(first) for _, first, _ in ranges]).astype(np.int64)
    first = np.concatenate([none, *(first for _, first, _ in ranges)])
    last = np.concatenate([none, *(last for _, _, last in ranges)])
    return planned(calendar.days, calendar.step, len(keys), row=rows, first=first, last=last)
