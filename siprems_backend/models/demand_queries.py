"""Named queries of the demand of many products: one a kind, whatever their number.

Series come as text, one row a product, and while they are read: see `history_queries.SERIES`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Date, Integer, Select, Text, bindparam, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from siprems_backend.models.history_queries import EPOCH, SERIES, SeriesText
from siprems_backend.models.products import Product, StockLevel
from siprems_backend.models.promotions import PlannedPromotion
from siprems_backend.models.sales import DailySales

# Rows that are in memory at a time; a row holds all days of a product.
ROWS_AT_A_TIME = 200
STREAMED = {"yield_per": ROWS_AT_A_TIME}

# (product id or category, days since 1970, other numbers), numbers separated by blanks.
PairText = tuple[Any, str, str]


def _text(column: Any, order: Any) -> Any:
    return func.string_agg(cast(column, Text), aggregate_order_by(literal(" "), order))


def _day(date: Any) -> Any:
    return date - literal(EPOCH, Date)


FIRST_SALE = (
    select(func.min(DailySales.date)).where(DailySales.product_id == Product.id).correlate(Product)
).scalar_subquery()
PRODUCTS = (
    select(Product.id, Product.sku, Product.category, FIRST_SALE.label("first_sale"))
    .where(Product.id.in_(bindparam("product_ids", expanding=True)))
    .order_by(Product.id)
)
SALES = SERIES.where(DailySales.date.between(bindparam("first"), bindparam("last")))
# Returns and free lines tell no price.
PRICES = (
    select(
        DailySales.product_id,
        _text(_day(DailySales.date), DailySales.date),
        _text(func.round(DailySales.revenue / DailySales.quantity, 4), DailySales.date),
    )
    .where(DailySales.product_id.in_(bindparam("product_ids", expanding=True)))
    .where(DailySales.date.between(bindparam("first"), bindparam("last")))
    .where(DailySales.quantity > 0, DailySales.revenue > 0)
    .group_by(DailySales.product_id)
)
LEVELS = (
    select(
        StockLevel.product_id,
        _text(_day(StockLevel.date), StockLevel.date),
        _text(cast(StockLevel.on_hand > 0, Integer), StockLevel.date),
    )
    .where(StockLevel.product_id.in_(bindparam("product_ids", expanding=True)))
    .where(StockLevel.date.between(bindparam("first"), bindparam("last")))
    .group_by(StockLevel.product_id)
)


def _plans(by: Any) -> Select[Any]:
    ends = PlannedPromotion.date_from, PlannedPromotion.date_to
    days = (_text(_day(end), PlannedPromotion.id) for end in ends)
    return (
        select(by, *days)
        .where(PlannedPromotion.date_to >= bindparam("first"))
        .where(PlannedPromotion.date_from <= bindparam("last"))
        .group_by(by)
    )


PRODUCT_PLANS = _plans(PlannedPromotion.product_id).where(
    PlannedPromotion.product_id.in_(bindparam("product_ids", expanding=True))
)
CATEGORY_PLANS = _plans(PlannedPromotion.category).where(PlannedPromotion.category.is_not(None))

ANY_PLAN = select(select(PlannedPromotion.id).where(PlannedPromotion.date_to >= bindparam("since")).exists())


def products(session: Session, product_ids: Collection[int]) -> Sequence[Any]:
    """(id, SKU, category, first day with a sum) of these products, by id; unknown ids are passed over."""
    return session.execute(PRODUCTS, {"product_ids": list(product_ids)}).all()


def sales(
    session: Session, product_ids: Collection[int], first: dt.date, last: dt.date
) -> Iterator[SeriesText]:
    """Daily sums of these products between two days, both included; products without any have no row."""
    values = {"product_ids": list(product_ids), "first": first, "last": last}
    return iter(session.execute(SALES, values, execution_options=STREAMED))


def prices(
    session: Session, product_ids: Collection[int], first: dt.date, last: dt.date
) -> Iterator[PairText]:
    """(product id, days, what a unit brought that day on average) where that is known, by day."""
    values = {"product_ids": list(product_ids), "first": first, "last": last}
    return iter(session.execute(PRICES, values, execution_options=STREAMED))


def stock_levels(
    session: Session, product_ids: Collection[int], first: dt.date, last: dt.date
) -> Iterator[PairText]:
    """(product id, days, whether anything was left at their end: 1 or 0) where that is known, by day."""
    values = {"product_ids": list(product_ids), "first": first, "last": last}
    return iter(session.execute(LEVELS, values, execution_options=STREAMED))


def product_plans(
    session: Session, product_ids: Collection[int], first: dt.date, last: dt.date
) -> Iterator[PairText]:
    """(product id, first days, last days) of the plans of these products that touch the days given."""
    values = {"product_ids": list(product_ids), "first": first, "last": last}
    return iter(session.execute(PRODUCT_PLANS, values, execution_options=STREAMED))


def category_plans(session: Session, first: dt.date, last: dt.date) -> Sequence[PairText]:
    """(category, first days, last days) of the plans of categories that touch the days given."""
    return session.execute(CATEGORY_PLANS, {"first": first, "last": last}).all()


def any_plan_since(session: Session, since: dt.date) -> bool:
    """Tell whether any promotion of the shop, of whichever product, ends on a day or after it by plan."""
    return bool(session.scalar(ANY_PLAN, {"since": since}))
