"""What was ordered and is to come, and what drafts would order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy.orm import Session

from siprems_backend.models import purchase_order_queries
from siprems_backend.models.purchase_orders import DRAFT
from siprems_engine.inventory.incoming import Incoming

# When, or None where nobody said, and how many units.
Delivery = tuple[dt.date | None, float]


@dataclass(frozen=True)
class OnTheWay:
    """Deliveries of orders that were sent, and units in drafts, by product id."""

    coming: dict[int, list[Delivery]] = field(default_factory=dict)
    on_draft: dict[int, float] = field(default_factory=dict)


def read(session: Session, product_ids: Sequence[int]) -> OnTheWay:
    """What is open of these products."""
    found = OnTheWay()
    for product_id, status, date, units in purchase_order_queries.on_the_way(session, product_ids):
        if status == DRAFT:
            found.on_draft[product_id] = found.on_draft.get(product_id, 0.0) + float(units)
        else:
            found.coming.setdefault(product_id, []).append((date, float(units)))
    return found


def incoming(coming: Sequence[Sequence[Delivery]], lead_days: Sequence[float], morning: dt.date) -> Incoming:
    """Deliveries of each of N products as the engine takes them, seen from the morning of a day.

    What nobody knows the day of comes as if it were ordered now, `lead_days` (N,) from now.
    """
    rows = [
        (place, lead if date is None else float((date - morning).days), units)
        for place, (deliveries, lead) in enumerate(zip(coming, lead_days, strict=True))
        for date, units in deliveries
    ]
    if not rows:
        return Incoming.nothing()
    product, days, units = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return Incoming(product.astype(np.int64), days, units)
