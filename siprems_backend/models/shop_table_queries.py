"""The shop's sales for pipelines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Float, cast, func, select
from sqlalchemy.orm import Session

from siprems_backend.models.export_queries import products_wanted
from siprems_backend.models.products import Product
from siprems_backend.models.sales import DailySales

FIRST_SALE = (
    select(func.min(DailySales.date)).where(DailySales.product_id == Product.id).correlate(Product)
).scalar_subquery()


def products(session: Session, skus: Collection[str] | None, category: str | None) -> Sequence[Any]:
    """(id, SKU, category, price, first day with a sum) of these products, by id."""
    first = FIRST_SALE.label("first_sale")
    statement = select(Product.id, Product.sku, Product.category, Product.price, first)
    return session.execute(statement.where(*products_wanted(skus, category)).order_by(Product.id)).all()


def daily_rows(
    session: Session, product_ids: Collection[int], first: dt.date | None, last: dt.date | None
) -> Sequence[Any]:
    """(product id, date, quantity, promo, revenue) of these products; both days belong to the range."""
    statement = select(
        DailySales.product_id,
        DailySales.date,
        cast(DailySales.quantity, Float),
        DailySales.promo,
        cast(DailySales.revenue, Float),
    ).where(DailySales.product_id == func.any(list(product_ids)))
    if first is not None:
        statement = statement.where(DailySales.date >= first)
    if last is not None:
        statement = statement.where(DailySales.date <= last)
    return session.execute(statement).all()
