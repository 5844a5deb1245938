"""The catalogue."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, String, func, text, true
from sqlalchemy.orm import Mapped, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt, Moment, Quantity


class Product(Base):
    """A thing sold, known by its SKU, which is free text."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("sku <> ''", name="sku_not_empty"),
        Index("ix_products_name_lower", text("lower(name)")),
    )

    id: Mapped[BigKey]
    sku: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(500))
    category: Mapped[str | None] = mapped_column(String(200), index=True)
    unit: Mapped[str] = mapped_column(String(20), server_default="unit")
    price: Mapped[Quantity | None]
    cost: Mapped[Quantity | None]
    stock: Mapped[Quantity] = mapped_column(server_default="0")
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=true())
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now(), onupdate=func.now())


class StockLevel(Base):
    """Stock on hand at the end of a day, where it is known."""

    __tablename__ = "stock_levels"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    date: Mapped[date] = mapped_column(Date, primary_key=True)
    on_hand: Mapped[Quantity]
