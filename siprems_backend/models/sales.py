"""Sales, and their daily sums."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, String, false, insert, text
from sqlalchemy.orm import Mapped, Session, mapped_column

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
    __table_args__ = (
        # For the shop's open days, which are looked up one after the other.
        Index("ix_daily_sales_open_days", "date", postgresql_where=text("quantity > 0")),
    )

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    quantity: Mapped[Quantity]
    promo: Mapped[bool] = mapped_column(Boolean, server_default=false())
    revenue: Mapped[Quantity] = mapped_column(server_default="0")


# A day whose last line is gone has no sum; a day whose sum did not change is not written again.
REFRESH_DAILY = text("""
WITH touched AS (
    SELECT DISTINCT product_id, date
    FROM unnest(CAST(:product_ids AS bigint[]), CAST(:dates AS date[])) AS pair(product_id, date)
), sums AS (
    SELECT product_id, date, sum(quantity) AS quantity, bool_or(is_promo) AS promo,
           coalesce(sum(round(quantity * unit_price, 4)), 0) AS revenue
    FROM touched JOIN transactions USING (product_id, date)
    GROUP BY product_id, date
), removed AS (
    DELETE FROM daily_sales d USING touched
    WHERE (d.product_id, d.date) = (touched.product_id, touched.date)
      AND (d.product_id, d.date) NOT IN (SELECT product_id, date FROM sums)
)
INSERT INTO daily_sales AS d (product_id, date, quantity, promo, revenue)
SELECT product_id, date, quantity, promo, revenue FROM sums ORDER BY product_id, date
ON CONFLICT (product_id, date) DO UPDATE
SET quantity = EXCLUDED.quantity, promo = EXCLUDED.promo, revenue = EXCLUDED.revenue
WHERE (d.quantity, d.promo, d.revenue) IS DISTINCT FROM (EXCLUDED.quantity, EXCLUDED.promo, EXCLUDED.revenue)
""")


def add_lines(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Add lines of sale to products that the caller locked; their ids, in the order given."""
    statement = insert(Transaction).returning(Transaction.id, sort_by_parameter_order=True)
    return list(session.execute(statement, list(rows)).scalars())


def refresh_daily(session: Session, pairs: Collection[tuple[int, dt.date]]) -> None:
    """Sum again the given (product id, date) pairs, whose products the caller locked."""
    values = {"product_ids": [pair[0] for pair in pairs], "dates": [pair[1] for pair in pairs]}
    session.execute(REFRESH_DAILY, values)
