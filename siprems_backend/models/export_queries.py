"""Batches of rows for exports: each starts after the last row of the one before, whatever was added since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, select, tuple_
from sqlalchemy.orm import Session

from siprems_backend.models.artifacts import StoredForecast
from siprems_backend.models.events import Event
from siprems_backend.models.products import CLASSES, NO_CLASSES, Classes, Product, in_classes
from siprems_backend.models.promotions import PlannedPromotion
from siprems_backend.models.replenishment_parameters import FIELDS, ReplenishmentParameters
from siprems_backend.models.sales import Transaction
from siprems_backend.models.shop_forecasts import ShopForecast
from siprems_backend.models.suppliers import Supplier

# Columns differ from query to query; the first ones are what the next batch starts after.
Rows = Sequence[Any]


def sales(
    session: Session,
    after: Any,
    limit: int,
    *,
    date_from: dt.date | None,
    date_to: dt.date | None,
    skus: Collection[str] | None,
    category: str | None,
    classes: Classes = NO_CLASSES,
) -> Rows:
    """Lines of sale by date and id."""
    statement = select(
        Transaction.id,
        Transaction.date,
        Product.sku,
        Transaction.quantity,
        Transaction.unit_price,
        Transaction.is_promo,
        Transaction.source,
        cast(Transaction.receipt_id, String),
        Transaction.external_key,
    ).join(Product, Product.id == Transaction.product_id)
    statement = statement.where(*_wanted(date_from, date_to, skus, category), *in_classes(classes))
    if after is not None:
        statement = statement.where(tuple_(Transaction.date, Transaction.id) > (after.date, after.id))
    return session.execute(statement.order_by(Transaction.date, Transaction.id).limit(limit)).all()


def sales_span(
    session: Session,
    *,
    date_from: dt.date | None,
    date_to: dt.date | None,
    skus: Collection[str] | None,
    category: str | None,
) -> tuple[dt.date, dt.date] | None:
    """First and last date of these lines of sale; None if there are none."""
    conditions = _wanted(date_from, date_to, skus, category)
    dates = select(Transaction.date).join(Product, Product.id == Transaction.product_id).where(*conditions)
    first = session.scalar(dates.order_by(Transaction.date).limit(1))
    last = session.scalar(dates.order_by(Transaction.date.desc()).limit(1))
    return None if first is None or last is None else (first, last)


def _wanted(
    date_from: dt.date | None, date_to: dt.date | None, skus: Collection[str] | None, category: str | None
) -> list[ColumnElement[bool]]:
    conditions = products_wanted(skus, category)
    if date_from is not None:
        conditions.append(Transaction.date >= date_from)
    if date_to is not None:
        conditions.append(Transaction.date <= date_to)
    return conditions


def products_wanted(skus: Collection[str] | None, category: str | None) -> list[ColumnElement[bool]]:
    """Conditions that a product is one of these, of this category; None stands for any."""
    conditions: list[ColumnElement[bool]] = [] if skus is None else [Product.sku.in_(skus)]
    return conditions if category is None else [*conditions, Product.category == category]


def products(
    session: Session, after: Any, limit: int, *, sku: str | None, classes: Classes = NO_CLASSES
) -> Rows:
    """The catalogue by id."""
    statement = select(
        Product.id,
        Product.sku,
        Product.name,
        Product.category,
        Product.unit,
        Product.price,
        Product.cost,
        Product.stock,
        Product.is_active,
        *CLASSES.values(),
    ).where(*in_classes(classes))
    if sku is not None:
        statement = statement.where(Product.sku == sku)
    if after is not None:
        statement = statement.where(Product.id > after.id)
    return session.execute(statement.order_by(Product.id).limit(limit)).all()


def events(
    session: Session,
    after: Any,
    limit: int,
    *,
    date_from: dt.date | None,
    date_to: dt.date | None,
) -> Rows:
    """Events by date and id."""
    statement = select(
        Event.id,
        Event.date,
        Event.name,
        Event.type,
        Event.description,
        Event.country,
        Event.include_in_prediction,
    )
    if date_from is not None:
        statement = statement.where(Event.date >= date_from)
    if date_to is not None:
        statement = statement.where(Event.date <= date_to)
    if after is not None:
        statement = statement.where(tuple_(Event.date, Event.id) > (after.date, after.id))
    return session.execute(statement.order_by(Event.date, Event.id).limit(limit)).all()


def promotions(
    session: Session,
    after: Any,
    limit: int,
    *,
    date_from: dt.date | None,
    date_to: dt.date | None,
    sku: str | None,
) -> Rows:
    """Planned promotions with any day in the range, by first day and id."""
    statement = select(
        PlannedPromotion.id,
        Product.sku,
        PlannedPromotion.category,
        PlannedPromotion.date_from,
        PlannedPromotion.date_to,
        PlannedPromotion.name,
        PlannedPromotion.source,
    ).outerjoin(Product, Product.id == PlannedPromotion.product_id)
    if sku is not None:
        statement = statement.where(Product.sku == sku)
    if date_from is not None:
        statement = statement.where(PlannedPromotion.date_to >= date_from)
    if date_to is not None:
        statement = statement.where(PlannedPromotion.date_from <= date_to)
    if after is not None:
        begin = tuple_(PlannedPromotion.date_from, PlannedPromotion.id)
        statement = statement.where(begin > (after.date_from, after.id))
    order = PlannedPromotion.date_from, PlannedPromotion.id
    return session.execute(statement.order_by(*order).limit(limit)).all()


def suppliers(session: Session, after: Any, limit: int) -> Rows:
    """Suppliers by id."""
    columns = (
        Supplier.id,
        Supplier.name,
        Supplier.contact,
        Supplier.email,
        Supplier.phone,
        Supplier.note,
        Supplier.lead_time_days,
        Supplier.lead_time_sd_days,
        Supplier.review_days,
        Supplier.order_days,
        Supplier.ordering_cost,
        Supplier.minimum_order_value,
        Supplier.is_active,
    )
    statement = select(*columns)
    if after is not None:
        statement = statement.where(Supplier.id > after.id)
    return session.execute(statement.order_by(Supplier.id).limit(limit)).all()


def replenishment(session: Session, after: Any, limit: int) -> Rows:
    """Parameters of ordering by id, products by their SKU and suppliers by their names."""
    table = ReplenishmentParameters
    said = (getattr(table, name) for name in FIELDS[1:])
    statement = (
        select(table.id, Product.sku, table.category, Supplier.name.label("supplier"), *said)
        .outerjoin(Product, Product.id == table.product_id)
        .outerjoin(Supplier, Supplier.id == table.supplier_id)
    )
    if after is not None:
        statement = statement.where(table.id > after.id)
    return session.execute(statement.order_by(table.id).limit(limit)).all()


def forecasts(
    session: Session,
    after: Any,
    limit: int,
    *,
    skus: Collection[str] | None,
    category: str | None = None,
    classes: Classes = NO_CLASSES,
) -> Rows:
    """The latest forecast of every product by the product's id; its values are arrays.

    `mean` and `quantiles` are those of the whole shop's, which goes before that of the product's own model
    or average in `yhat`, `lower` and `upper`.
    """
    own, shop = StoredForecast, ShopForecast
    by_shop = shop.product_id.is_not(None)
    statement = (
        select(
            Product.id,
            Product.sku,
            Product.category,
            func.coalesce(shop.start_date, own.start_date).label("start_date"),
            func.coalesce(shop.step_days, own.step_days).label("step_days"),
            shop.mean,
            shop.quantiles,
            case((by_shop, None), else_=own.yhat).label("yhat"),
            case((by_shop, None), else_=own.lower).label("lower"),
            case((by_shop, None), else_=own.upper).label("upper"),
            case((by_shop, "auto"), else_=own.engine).label("engine"),
            func.coalesce(shop.made_at, own.created_at).label("created_at"),
        )
        .outerjoin(own, own.product_id == Product.id)
        .outerjoin(shop, shop.product_id == Product.id)
        .where(by_shop | own.product_id.is_not(None), *products_wanted(skus, category), *in_classes(classes))
    )
    if after is not None:
        statement = statement.where(Product.id > after.id)
    return session.execute(statement.order_by(Product.id).limit(limit)).all()
