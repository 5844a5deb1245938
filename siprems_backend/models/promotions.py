"""Planned promotions: which products will be, or were meant to be, on promotion on which days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Select,
    String,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt
from siprems_backend.models.listing import fetch_page, ordering
from siprems_backend.models.products import Product
from siprems_backend.utils.pagination import Page, PageRequest

UNNAMED = "Promotion"


class PlannedPromotion(Base):
    """A promotion of one product, or of all products of a category, from one day to another, both included.

    Plans may overlap. What is planned is known before it happens, unlike the flag of a sale.
    """

    __tablename__ = "planned_promotions"
    __table_args__ = (
        CheckConstraint("num_nonnulls(product_id, category) = 1", name="one_target"),
        CheckConstraint("date_to >= date_from", name="in_order"),
        CheckConstraint("source IN ('api', 'import')", name="source"),
        Index(
            "uq_planned_promotions_of_product",
            "product_id",
            "date_from",
            "date_to",
            "name",
            unique=True,
            postgresql_where=text("product_id IS NOT NULL"),
        ),
        Index(
            "uq_planned_promotions_of_category",
            "category",
            "date_from",
            "date_to",
            "name",
            unique=True,
            postgresql_where=text("category IS NOT NULL"),
        ),
        Index("ix_planned_promotions_date_from_id", "date_from", "id"),
    )

    id: Mapped[BigKey]
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    category: Mapped[str | None] = mapped_column(String(200))
    date_from: Mapped[dt.date] = mapped_column(Date)
    date_to: Mapped[dt.date] = mapped_column(Date)
    name: Mapped[str] = mapped_column(String(200), server_default=UNNAMED)
    source: Mapped[str] = mapped_column(String(10))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]


class AlreadyPlanned(Exception):
    """Another plan has the same product or category, days and name."""


SORTABLE = {
    "id": PlannedPromotion.id,
    "date_from": PlannedPromotion.date_from,
    "date_to": PlannedPromotion.date_to,
    "name": PlannedPromotion.name,
}


def _plans() -> Select[*tuple[Any, ...]]:
    """Plans with the SKU instead of the product's id."""
    columns = (
        PlannedPromotion.id,
        Product.sku,
        PlannedPromotion.category,
        PlannedPromotion.date_from,
        PlannedPromotion.date_to,
        PlannedPromotion.name,
        PlannedPromotion.source,
        PlannedPromotion.created_by,
        PlannedPromotion.created_at,
    )
    return select(*columns).outerjoin(Product, Product.id == PlannedPromotion.product_id)


def by_id(session: Session, promotion_id: int) -> Any | None:
    """The plan with this id: a row with the names of its columns, and `sku`."""
    return session.execute(_plans().where(PlannedPromotion.id == promotion_id)).one_or_none()


def page(
    session: Session,
    request: PageRequest,
    sort: str,
    *,
    sku: str | None = None,
    category: str | None = None,
    date_from: dt.date | None = None,
    date_to: dt.date | None = None,
    search: str | None = None,
) -> Page[Any]:
    """Plans that match all filters given; those with any day from `date_from` to `date_to`."""
    matching = _plans()
    if sku is not None:
        matching = matching.where(Product.sku == sku)
    if category is not None:
        matching = matching.where(PlannedPromotion.category == category)
    if date_from is not None:
        matching = matching.where(PlannedPromotion.date_to >= date_from)
    if date_to is not None:
        matching = matching.where(PlannedPromotion.date_from <= date_to)
    if search:
        matching = matching.where(PlannedPromotion.name.icontains(search, autoescape=True))
    rows, total = fetch_page(session, matching, ordering(sort, SORTABLE, PlannedPromotion.id), request)
    return Page(rows, request.page, request.page_size, total)


def product_to_plan(session: Session, sku: str) -> int | None:
    """Id of the product with this SKU, which cannot be deleted before the transaction ends."""
    statement = select(Product.id).where(Product.sku == sku).with_for_update(read=True, key_share=True)
    return session.scalar(statement)


def known_categories(session: Session, categories: Collection[str]) -> set[str]:
    """Those of these categories that any product is of."""
    statement = select(Product.category).where(Product.category.in_(categories)).distinct()
    return {category for category in session.scalars(statement) if category is not None}


def add_if_new(session: Session, values: Mapping[str, Any]) -> int | None:
    """Add a plan; its id, or None when the same is planned already."""
    statement = insert(PlannedPromotion).values(**values).on_conflict_do_nothing()
    return session.execute(statement.returning(PlannedPromotion.id)).scalar_one_or_none()


def change(session: Session, promotion_id: int, values: Mapping[str, Any]) -> bool:
    """Change the plan; False when there is none.

    Raises:
        AlreadyPlanned: when another plan is what this one would become; nothing was changed then.
    """
    statement = update(PlannedPromotion).where(PlannedPromotion.id == promotion_id).values(**values)
    try:
        with session.begin_nested():
            return session.execute(statement.returning(PlannedPromotion.id)).first() is not None
    except IntegrityError as error:
        raise AlreadyPlanned from error


def remove(session: Session, promotion_id: int) -> bool:
    """Delete the plan; False when there is none."""
    statement = delete(PlannedPromotion).where(PlannedPromotion.id == promotion_id)
    return session.execute(statement.returning(PlannedPromotion.id)).first() is not None
