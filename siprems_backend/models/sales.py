"""Sales, and their daily sums."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt, Moment, Quantity


class Transaction(Base):
    """One line of sale: a quantity of a product on a date; a negative quantity is a return.

    Lines sold together share a `receipt_id`. Imported lines carry an `external_key`, unique per product and
    date, so that importing the same line again changes nothing.
    """

    __tablename__ = "transactions"
    __table_args__ = (
        CheckConstraint("source IN ('api', 'checkout', 'import')", name="source"),
        Index("ix_transactions_product_id_date", "product_id", "date"),
        Index("ix_transactions_date_id", "date", "id"),
        Index(
            "uq_transactions_imported_line",
            "product_id",
            "date",
            "external_key",
            unique=True,
            postgresql_where=text("external_key IS NOT NULL"),
        ),
    )

    id: Mapped[BigKey]
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    date: Mapped[dt.date] = mapped_column(Date)
    quantity: Mapped[Quantity]
    unit_price: Mapped[Quantity | None]
    is_promo: Mapped[bool] = mapped_column(Boolean, server_default=false())
    source: Mapped[str] = mapped_column(String(10))
    receipt_id: Mapped[UUID | None] = mapped_column(index=True)
    external_key: Mapped[str | None] = mapped_column(String(200))
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("imports.id", ondelete="SET NULL"), index=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    sold_at: Mapped[Moment | None]
    created_at: Mapped[CreatedAt]


class DailySales(Base):
    """Sum of a product's transactions on a day, kept in the same database transaction as they are."""

    __tablename__ = "daily_sales"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True, index=True)
    quantity: Mapped[Quantity]
    promo: Mapped[bool] = mapped_column(Boolean, server_default=false())
    revenue: Mapped[Quantity] = mapped_column(server_default="0")
