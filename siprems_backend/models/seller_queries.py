"""Named queries of which products sell most."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from siprems_backend.models.products import Product
from siprems_backend.models.sales import DailySales


class Seller(NamedTuple):
    """A product among those that sell."""

    id: int
    sku: str
    name: str
    category: str | None


def best_sellers(
    session: Session,
    since: dt.date,
    limit: int,
    *,
    skus: Collection[str] | None = None,
    category: str | None = None,
) -> Sequence[Seller]:
    """The products with the most units since a date, most first; those named by SKU whether sold or not."""
    units = func.coalesce(func.sum(DailySales.quantity), 0)
    statement = (
        select(Product.id, Product.sku, Product.name, Product.category)
        .outerjoin(DailySales, (DailySales.product_id == Product.id) & (DailySales.date >= since))
        .group_by(Product.id)
        .order_by(units.desc(), Product.id)
        .limit(limit)
    )
    statement = (
        statement.where(Product.is_active).having(units > 0)
        if skus is None
        else statement.where(Product.sku.in_(skus))
    )
    if category is not None:
        statement = statement.where(Product.category == category)
    return [Seller(*row) for row in session.execute(statement)]
