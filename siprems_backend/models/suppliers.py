"""Who delivers, how long that takes and on which terms."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Index,
    SmallInteger,
    String,
    delete,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt, Moment, Quantity
from siprems_backend.models.listing import fetch_page, ordering
from siprems_backend.utils.pagination import Page, PageRequest


class Supplier(Base):
    """A supplier. What is None is said by nobody here, and the shop's defaults hold.

    `order_days` are the weekdays on which orders are taken, 0 for Monday; None or empty: every day.
    """

    __tablename__ = "suppliers"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name_not_empty"),
        Index("ix_suppliers_name_lower", text("lower(name)")),
    )

    id: Mapped[BigKey]
    name: Mapped[str] = mapped_column(String(200), unique=True)
    contact: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(60))
    note: Mapped[str | None] = mapped_column(String(1000))
    lead_time_days: Mapped[Quantity | None]
    lead_time_sd_days: Mapped[Quantity | None]
    review_days: Mapped[int | None] = mapped_column(SmallInteger)
    order_days: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    ordering_cost: Mapped[Quantity | None]
    minimum_order_value: Mapped[Quantity | None]
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=true())
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now(), onupdate=func.now())


class NameTaken(Exception):
    """Another supplier has this name."""


SORTABLE = {"name": Supplier.name, "created_at": Supplier.created_at, "id": Supplier.id}


def page(
    session: Session, request: PageRequest, sort: str, *, search: str | None, is_active: bool | None
) -> Page[Supplier]:
    """Suppliers that match all filters given; `search` is part of a name, contact or address, in any case."""
    matching = select(Supplier)
    if search:
        columns = (Supplier.name, Supplier.contact, Supplier.email)
        matching = matching.where(or_(*(column.icontains(search, autoescape=True) for column in columns)))
    if is_active is not None:
        matching = matching.where(Supplier.is_active == is_active)
    rows, total = fetch_page(session, matching, ordering(sort, SORTABLE, Supplier.id), request)
    return Page([row[0] for row in rows], request.page, request.page_size, total)


def by_id(session: Session, supplier_id: int, *, lock: bool = False) -> Supplier | None:
    """The supplier with this id, locked against changes and orders if wanted."""
    statement = select(Supplier).where(Supplier.id == supplier_id)
    return session.scalar(statement.with_for_update() if lock else statement)


def by_name(session: Session, name: str) -> Supplier | None:
    """The supplier with this name."""
    return session.scalar(select(Supplier).where(Supplier.name == name))


def by_ids(session: Session, supplier_ids: Collection[int]) -> dict[int, Supplier]:
    """These suppliers by their ids."""
    found = session.scalars(select(Supplier).where(Supplier.id.in_(supplier_ids)))
    return {supplier.id: supplier for supplier in found}


def known_names(session: Session, names: Collection[str]) -> set[str]:
    """Those of these names that suppliers have."""
    return set(session.scalars(select(Supplier.name).where(Supplier.name.in_(names))))


def add_if_new(session: Session, values: Mapping[str, Any]) -> Supplier | None:
    """Add a supplier; None when the name is taken."""
    statement = insert(Supplier).values(**values).on_conflict_do_nothing(index_elements=["name"])
    return session.execute(statement.returning(Supplier)).scalar_one_or_none()


def change(session: Session, supplier_id: int, values: Mapping[str, Any]) -> Supplier | None:
    """Change fields; None when there is no such supplier.

    Raises:
        NameTaken: another one has the new name.
    """
    statement = update(Supplier).where(Supplier.id == supplier_id).values(**values, updated_at=func.now())
    try:
        with session.begin_nested():
            return session.execute(statement.returning(Supplier)).scalar_one_or_none()
    except IntegrityError:
        raise NameTaken from None


def remove(session: Session, supplier_id: int) -> None:
    """Delete the supplier; products of it have none then."""
    session.execute(delete(Supplier).where(Supplier.id == supplier_id))
