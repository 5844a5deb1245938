"""The plan: what to order of every product, made at night and read all day."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    CheckConstraint,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, Json, Moment

# The most urgent first, as lists are sorted.
URGENCIES = ("high", "medium", "low")


class PlanLine(Base):
    """What to order of a product on `plan_date`, and what that was made from.

    Units, money and days as doubles; None where unknown, or beyond a year. `urgency` is the place in
    `URGENCIES`. The line is true while the product is as of `product_updated_at`, its forecast as of
    `forecast_made_at`, and nothing else was counted as changed since (`changes` equals `seen`).
    """

    __tablename__ = "plan_lines"
    __table_args__ = (
        CheckConstraint("urgency BETWEEN 0 AND 2", name="urgency"),
        Index("ix_plan_lines_urgency", "urgency", "stockout_date", "product_id"),
        Index("ix_plan_lines_to_order", "product_id", postgresql_where=text("recommended > 0")),
    )

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    supplier_id: Mapped[int | None] = mapped_column(
        ForeignKey("suppliers.id", ondelete="SET NULL"), index=True
    )
    plan_date: Mapped[dt.date] = mapped_column(Date)
    current_stock: Mapped[float] = mapped_column(Double)
    on_order: Mapped[float] = mapped_column(Double)
    on_order_in_time: Mapped[float] = mapped_column(Double)
    on_draft: Mapped[float] = mapped_column(Double)
    predicted_demand: Mapped[float | None] = mapped_column(Double)
    recommended: Mapped[float] = mapped_column(Double)
    urgency: Mapped[int] = mapped_column(SmallInteger)
    reorder_point: Mapped[float | None] = mapped_column(Double)
    safety_stock: Mapped[float | None] = mapped_column(Double)
    order_up_to: Mapped[float | None] = mapped_column(Double)
    days_of_cover: Mapped[float | None] = mapped_column(Double)
    stockout_date: Mapped[dt.date | None] = mapped_column(Date)
    order_by: Mapped[dt.date | None] = mapped_column(Date)
    arrives_on: Mapped[dt.date | None] = mapped_column(Date)
    lasts_until: Mapped[dt.date | None] = mapped_column(Date)
    service_level: Mapped[float | None] = mapped_column(Double)
    service_now: Mapped[float | None] = mapped_column(Double)
    service_with: Mapped[float | None] = mapped_column(Double)
    expected_cost: Mapped[float | None] = mapped_column(Double)
    # What the order is expected to earn beyond what is earned without it.
    expected_profit: Mapped[float | None] = mapped_column(Double)
    value: Mapped[float | None] = mapped_column(Double)
    pack_size: Mapped[float] = mapped_column(Double)
    minimum: Mapped[float] = mapped_column(Double)
    policy: Mapped[str] = mapped_column(String(20))
    limited_by: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    # What the reason is and with which values, for those who put it in other words.
    reason_key: Mapped[str] = mapped_column(String(40))
    reason_values: Mapped[Json]
    product_updated_at: Mapped[Moment]
    forecast_made_at: Mapped[Moment | None]
    changes: Mapped[int] = mapped_column(Integer, server_default="0")
    seen: Mapped[int] = mapped_column(Integer, server_default="0")
    made_at: Mapped[Moment]
