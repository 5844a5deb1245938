"""Orders to suppliers: what was proposed, what was ordered, what arrived."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt, Moment, Quantity

DRAFT, SENT, PARTLY, RECEIVED, CANCELLED = "draft", "sent", "partly_received", "received", "cancelled"
STATUSES = (DRAFT, SENT, PARTLY, RECEIVED, CANCELLED)
# Of these something will still arrive.
ON_THE_WAY = (SENT, PARTLY)
OPEN = (DRAFT, *ON_THE_WAY)


class PurchaseOrder(Base):
    """An order to one supplier, or to nobody in particular where products have none."""

    __tablename__ = "purchase_orders"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(status) for status in STATUSES)})", name="status"),
        CheckConstraint("status = 'draft' OR status = 'cancelled' OR sent_at IS NOT NULL", name="sent"),
        Index("ix_purchase_orders_created_at_id", "created_at", "id"),
        Index(
            "ix_purchase_orders_open",
            "status",
            postgresql_where=text("status IN ('draft', 'sent', 'partly_received')"),
        ),
    )

    id: Mapped[BigKey]
    # Who was ordered from stays known: a supplier with orders is not deleted.
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("suppliers.id"), index=True)
    status: Mapped[str] = mapped_column(String(20), server_default=DRAFT)
    expected_date: Mapped[dt.date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(String(1000))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]
    sent_at: Mapped[Moment | None]
    received_at: Mapped[Moment | None]
    cancelled_at: Mapped[Moment | None]
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now(), onupdate=func.now())


class OrderLine(Base):
    """A product of an order. `proposed` is what the plan said; somebody who ordered otherwise said why.

    A proposal that was declined is a line of nothing.
    """

    __tablename__ = "purchase_order_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0 OR (quantity = 0 AND proposed IS NOT NULL)", name="quantity"),
        CheckConstraint("received BETWEEN 0 AND quantity", name="received"),
        UniqueConstraint("order_id", "product_id"),
    )

    id: Mapped[BigKey]
    order_id: Mapped[int] = mapped_column(ForeignKey("purchase_orders.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    quantity: Mapped[Quantity]
    received: Mapped[Quantity] = mapped_column(server_default="0")
    proposed: Mapped[Quantity | None]
    override_reason: Mapped[str | None] = mapped_column(String(500))
    # Whose quantity it is.
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    unit_cost: Mapped[Quantity | None]


class Receipt(Base):
    """What arrived of a line, at one time."""

    __tablename__ = "purchase_receipts"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    id: Mapped[BigKey]
    line_id: Mapped[int] = mapped_column(
        ForeignKey("purchase_order_lines.id", ondelete="CASCADE"), index=True
    )
    quantity: Mapped[Quantity]
    received_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    received_at: Mapped[CreatedAt]
