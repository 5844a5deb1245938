"""Products of the shop that suit examples: enough sold for something to be learned from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from siprems_backend.models.products import Product
from siprems_backend.models.sales import DailySales

# Looking at all products of a large shop would take seconds.
MOST_PRODUCTS = 300
DAYS = timedelta(days=365)


@dataclass(frozen=True)
class Candidate:
    """One product in the last year: days with sales, units a day, whether all whole, promotions, prices."""

    sku: str
    category: str | None
    days: int
    mean: float
    whole: bool
    promo_days: int
    prices: int


def candidates(session: Session) -> list[Candidate]:
    """Some products that were sold in the last year that is known."""
    return [Candidate(*found) for found in session.execute(_statement())]


def _statement() -> Select[Any]:
    looked_at = select(Product.id).where(Product.is_active).order_by(Product.id).limit(MOST_PRODUCTS)
    last = select(func.max(DailySales.date)).scalar_subquery()
    price: ColumnElement[Any] = func.round(DailySales.revenue / func.nullif(DailySales.quantity, 0), 1)
    return (
        select(
            Product.sku,
            Product.category,
            func.count(),
            func.avg(DailySales.quantity),
            func.bool_and(DailySales.quantity == func.trunc(DailySales.quantity)),
            func.count().filter(DailySales.promo),
            func.count(price.distinct()),
        )
        .join(DailySales, DailySales.product_id == Product.id)
        .where(Product.id.in_(looked_at), DailySales.quantity > 0, DailySales.date > last - DAYS)
        .group_by(Product.id)
    )
