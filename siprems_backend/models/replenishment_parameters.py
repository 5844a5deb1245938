"""What is known of ordering: for a product, for a category, for the whole shop, the nearest word counting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, BigKey, Moment, Quantity

# What a row may say, in the order in which people are shown it.
FIELDS = (
    "supplier_id",
    "lead_time_days",
    "lead_time_sd_days",
    "review_days",
    "service_level",
    "service_by_costs",
    "policy",
    "ordering_cost",
    "holding_rate",
    "salvage_rate",
    "min_order_quantity",
    "pack_size",
    "shelf_life_days",
    "max_stock",
)
POLICIES = ("auto", "periodic", "min_max", "fixed_quantity", "newsvendor")
# What a supplier may say as well: after product and category, and before the shop.
OF_SUPPLIERS = ("lead_time_days", "lead_time_sd_days", "review_days", "ordering_cost")


class ReplenishmentParameters(Base):
    """Parameters of a product, of a category, or with neither of the shop; None is said elsewhere.

    `holding_rate` is the cost of a year in stock and `salvage_rate` what leftovers bring, both in parts of
    the purchase price.
    """

    __tablename__ = "replenishment_parameters"
    __table_args__ = (
        CheckConstraint("num_nonnulls(product_id, category) <= 1", name="one_scope"),
        CheckConstraint("pack_size > 0", name="pack_size"),
        CheckConstraint(f"policy IN ({', '.join(repr(policy) for policy in POLICIES)})", name="policy"),
        CheckConstraint("service_level BETWEEN 0.5 AND 0.9999", name="service_level"),
        # One row of a product, one of a category, one of the shop.
        UniqueConstraint("product_id", "category", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[BigKey]
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    category: Mapped[str | None] = mapped_column(String(200))
    supplier_id: Mapped[int | None] = mapped_column(
        ForeignKey("suppliers.id", ondelete="SET NULL"), index=True
    )
    lead_time_days: Mapped[Quantity | None]
    lead_time_sd_days: Mapped[Quantity | None]
    review_days: Mapped[int | None] = mapped_column(SmallInteger)
    service_level: Mapped[Quantity | None]
    service_by_costs: Mapped[bool | None] = mapped_column(Boolean)
    policy: Mapped[str | None] = mapped_column(String(20))
    ordering_cost: Mapped[Quantity | None]
    holding_rate: Mapped[Quantity | None]
    salvage_rate: Mapped[Quantity | None]
    min_order_quantity: Mapped[Quantity | None]
    pack_size: Mapped[Quantity | None]
    shelf_life_days: Mapped[int | None] = mapped_column(Integer)
    max_stock: Mapped[Quantity | None]
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now(), onupdate=func.now())


def of_scope(
    session: Session, *, product_id: int | None = None, category: str | None = None
) -> ReplenishmentParameters | None:
    """The row of a product, of a category, or with neither of the shop."""
    table = ReplenishmentParameters
    return session.scalar(
        select(table).where(
            table.product_id.is_not_distinct_from(product_id), table.category.is_not_distinct_from(category)
        )
    )


def put(
    session: Session,
    values: Mapping[str, Any],
    *,
    product_id: int | None = None,
    category: str | None = None,
    user_id: int | None = None,
) -> ReplenishmentParameters:
    """Write these fields and keep the others."""
    written = {**values, "updated_by": user_id}
    statement = (
        insert(ReplenishmentParameters)
        .values(product_id=product_id, category=category, **written)
        .on_conflict_do_update(
            index_elements=["product_id", "category"], set_={**written, "updated_at": func.now()}
        )
        .returning(ReplenishmentParameters)
    )
    return session.execute(statement, execution_options={"populate_existing": True}).scalar_one()


def clear(session: Session, *, product_id: int | None = None, category: str | None = None) -> bool:
    """Forget what is said of a product, a category or the shop; whether there was anything."""
    table = ReplenishmentParameters
    statement = delete(table).where(
        table.product_id.is_not_distinct_from(product_id), table.category.is_not_distinct_from(category)
    )
    return session.execute(statement.returning(table.id)).first() is not None
