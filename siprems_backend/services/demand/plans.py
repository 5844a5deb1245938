"""Planned promotions of products and categories, by period."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from siprems_backend.models import demand_queries
from siprems_backend.models.demand_queries import PairText
from siprems_backend.services.demand.calendar import Calendar
from siprems_backend.services.histories import dates_of
from siprems_engine.forecasting.shop.panel import Flags
from siprems_engine.forecasting.shop.periods import planned


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
