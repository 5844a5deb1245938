"""Lines of sale as clients see them: with the product's SKU and name in place of its id."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from siprems_backend.models.listing import fetch_page, ordering
from siprems_backend.models.products import Product
from siprems_backend.models.sales import Transaction
from siprems_backend.utils.pagination import Page, PageRequest

SORTABLE = {
    "id": Transaction.id,
    "date": Transaction.date,
    "quantity": Transaction.quantity,
    "product_sku": Product.sku,
    "created_at": Transaction.created_at,
}


@dataclass(frozen=True)
class SaleLine:
    """One line of sale; a negative quantity is a return."""

    id: int
    product_sku: str
    product_name: str
    date: dt.date
    quantity: float
    unit_price: float | None
    is_promo: bool
    source: str
    receipt_id: UUID | None
    created_at: dt.datetime


def by_id(session: Session, line_id: int) -> SaleLine | None:
    """The line with this id."""
    return next(iter(by_ids(session, [line_id])), None)


def by_ids(session: Session, line_ids: Collection[int]) -> list[SaleLine]:
    """The lines with these ids, in the order of their ids."""
    rows = session.execute(_lines().where(Transaction.id.in_(line_ids)).order_by(Transaction.id))
    return [SaleLine(*row) for row in rows]


def page(
    session: Session,
    request: PageRequest,
    sort: str,
    *,
    sku: str | None = None,
    date_from: dt.date | None = None,
    date_to: dt.date | None = None,
    source: str | None = None,
    receipt_id: UUID | None = None,
) -> Page[SaleLine]:
    """Lines that match all filters given; both dates belong to the range."""
    matching = _lines()
    if sku is not None:
        matching = matching.where(Product.sku == sku)
    if date_from is not None:
        matching = matching.where(Transaction.date >= date_from)
    if date_to is not None:
        matching = matching.where(Transaction.date <= date_to)
    if source is not None:
        matching = matching.where(Transaction.source == source)
    if receipt_id is not None:
        matching = matching.where(Transaction.receipt_id == receipt_id)
    rows, total = fetch_page(session, matching, ordering(sort, SORTABLE, Transaction.id), request)
    return Page([SaleLine(*row) for row in rows], request.page, request.page_size, total)


def _lines() -> Select[*tuple[Any, ...]]:
    """Columns in the order of `SaleLine`'s fields."""
    return select(
        Transaction.id,
        Product.sku,
        Product.name,
        Transaction.date,
        Transaction.quantity,
        Transaction.unit_price,
        Transaction.is_promo,
        Transaction.source,
        Transaction.receipt_id,
        Transaction.created_at,
    ).join(Product, Product.id == Transaction.product_id)
