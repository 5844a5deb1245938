"""Named queries of demand histories: what the engine is fed with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from siprems_backend.models.events import Event
from siprems_backend.models.products import NO_CLASSES, Classes, Product, in_classes
from siprems_backend.models.sales import DailySales

# (product id, days since 1970, quantities, promotion flags); the last three are numbers separated by blanks.
SeriesText = tuple[int, str, str, str]
EPOCH = dt.date(1970, 1, 1)


# What can be asked inside of a unit of work, and in a single question of its own.
Reader = Session | Connection


def _in_line(column: SQLCoreOperations[Any], date: Any = DailySales.date) -> ColumnElement[str]:
    """All values of a column by date, separated by blanks."""
    return func.string_agg(cast(column, Text), aggregate_order_by(literal(" "), date))


def _open_days() -> Select[Any]:
    sold = select(func.min(DailySales.date).label("date")).where(DailySales.quantity > 0)
    days = sold.cte("days", recursive=True)
    following = sold.where(DailySales.date > days.c.date).correlate(days).scalar_subquery()
    days = days.union_all(select(following).where(days.c.date.is_not(None)))
    return select(_in_line(days.c.date - literal(EPOCH, Date), days.c.date))


# Asked at many requests, so they are built once.
OPEN_DAYS = _open_days()
SERIES = (
    select(
        DailySales.product_id,
        _in_line(DailySales.date - literal(EPOCH, Date)),
        _in_line(DailySales.quantity),
        _in_line(cast(DailySales.promo, Integer)),
    )
    .where(DailySales.product_id.in_(bindparam("product_ids", expanding=True)))
    .group_by(DailySales.product_id)
)


def daily_series(session: Reader, product_ids: Collection[int]) -> Sequence[SeriesText]:
    """The daily sums of these products by date; products without any have no row.

    One row a product: the numbers come as text, which numpy reads a hundred times faster than a driver makes
    a Python object of every date and quantity.
    """
    return session.execute(SERIES, {"product_ids": list(product_ids)}).all()


def open_days(session: Reader) -> str | None:
    """Days since 1970 on which the shop sold anything, separated by blanks: all others count as closed.

    Goes from one day to the next by the index, because each of them has a row for almost every product.
    """
    return session.scalar(OPEN_DAYS)


def prediction_events(session: Session) -> Sequence[tuple[str, dt.date]]:
    """(name, date) of the events that forecasts take into account."""
    statement = (
        select(Event.name, Event.date).where(Event.include_in_prediction).order_by(Event.date, Event.name)
    )
    return session.execute(statement).all()


def active_products(session: Session, category: str | None = None) -> Sequence[tuple[int, str]]:
    """(id, SKU) of every product (of this category) that is still sold, by id."""
    statement = select(Product.id, Product.sku).where(Product.is_active).order_by(Product.id)
    if category is not None:
        statement = statement.where(Product.category == category)
    return session.execute(statement).all()


def products_by_id(session: Session, product_ids: Collection[int]) -> Sequence[Product]:
    """These products, by id; ids of products deleted meanwhile are passed over."""
    return session.scalars(select(Product).where(Product.id.in_(product_ids)).order_by(Product.id)).all()


def products_by_sku(session: Session, skus: Collection[str]) -> Sequence[Product]:
    """The products with these SKUs, by id; unknown SKUs are passed over."""
    return session.scalars(select(Product).where(Product.sku.in_(skus)).order_by(Product.id)).all()


def ids_by_sku(session: Session, skus: Collection[str]) -> dict[str, int]:
    """Ids of the products with these SKUs; unknown SKUs are passed over."""
    return dict(session.execute(select(Product.sku, Product.id).where(Product.sku.in_(skus))).all())


def hold_products(session: Session, product_ids: Collection[int]) -> set[int]:
    """Which of these products still are there; none of them can be deleted before we are done."""
    statement = select(Product.id).where(Product.id.in_(product_ids)).order_by(Product.id)
    return set(session.scalars(statement.with_for_update(read=True, key_share=True)).all())


KNOWN = select(Product.id).where(Product.sku == bindparam("sku"))


def is_known(connection: Connection, sku: str) -> bool:
    """Whether there is a product with this SKU."""
    return connection.scalar(KNOWN, {"sku": sku}) is not None


def product_by_sku(session: Session, sku: str) -> Product | None:
    """The product with this SKU."""
    return session.scalar(select(Product).where(Product.sku == sku))


def known_skus(session: Session, skus: Collection[str]) -> set[str]:
    """Those of these SKUs that have a product."""
    return set(session.scalars(select(Product.sku).where(Product.sku.in_(skus))))


def matching_skus(
    session: Session, category: str | None, search: str | None, classes: Classes = NO_CLASSES
) -> Sequence[str]:
    """SKUs of the active products of a category and of classes, whose SKU or name contains a text."""
    statement = select(Product.sku).where(Product.is_active, *in_classes(classes)).order_by(Product.sku)
    if category:
        statement = statement.where(Product.category == category)
    if search:
        found = or_(
            Product.sku.icontains(search, autoescape=True), Product.name.icontains(search, autoescape=True)
        )
        statement = statement.where(found)
    return session.scalars(statement).all()
