"""Named queries of what reports tell of products."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from siprems_backend.models.products import Product, StockLevel, in_classes
from siprems_backend.models.sales import DailySales


class Wanted(NamedTuple):
    """Which products a report is about: all that are sold, narrowed by what is not None."""

    skus: Collection[str] | None
    category: str | None
    classes: Mapping[str, str]


class Described(NamedTuple):
    """A product in words."""

    id: int
    sku: str
    name: str
    category: str | None
    price: float | None
    cost: float | None


class Stocked(NamedTuple):
    """A product with its stock; `is_counted` says whether anybody ever recorded one."""

    id: int
    sku: str
    name: str
    category: str | None
    price: float | None
    cost: float | None
    demand_class: str | None
    stock: float
    is_counted: bool
    last_sale: dt.date | None
    created_on: dt.date


DESCRIPTION = (Product.id, Product.sku, Product.name, Product.category, Product.price, Product.cost)
IS_COUNTED = or_(
    Product.stock != 0, select(StockLevel.product_id).where(StockLevel.product_id == Product.id).exists()
)
LAST_SALE = (
    select(func.max(DailySales.date))
    .where(and_(DailySales.product_id == Product.id, DailySales.quantity > 0))
    .correlate(Product)
    .scalar_subquery()
)


def described(session: Session, wanted: Wanted) -> Sequence[Described]:
    """The products wanted, by id."""
    columns: Any = select(*DESCRIPTION)
    return [Described(*row) for row in session.execute(_wanted(columns, wanted))]


def stocked(session: Session, wanted: Wanted) -> Sequence[Stocked]:
    """The products wanted with what is known of their stock and their last sale, by id."""
    created_on = func.date(func.timezone("UTC", Product.created_at))
    columns: Any = select(
        *DESCRIPTION, Product.demand_class, Product.stock, IS_COUNTED, LAST_SALE, created_on
    )
    return [Stocked(*row) for row in session.execute(_wanted(columns, wanted))]


def sold_since(session: Session, since: dt.date) -> dict[int, float]:
    """Units of each product sold since a day, returns subtracted; products without a sum are left out."""
    statement = (
        select(DailySales.product_id, func.sum(DailySales.quantity))
        .where(DailySales.date >= since)
        .group_by(DailySales.product_id)
    )
    return {product_id: float(units) for product_id, units in session.execute(statement)}


def _wanted(statement: Select[Any], wanted: Wanted) -> Select[Any]:
    statement = statement.where(Product.is_active, *in_classes(wanted.classes)).order_by(Product.id)
    if wanted.skus is not None:
        statement = statement.where(Product.sku.in_(wanted.skus))
    if wanted.category is not None:
        statement = statement.where(Product.category == wanted.category)
    return statement
