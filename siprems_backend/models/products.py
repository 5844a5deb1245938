"""The catalogue."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt, Moment, Quantity
from siprems_backend.models.listing import fetch_page, ordering
from siprems_backend.models.sales import DailySales, Transaction
from siprems_backend.utils.pagination import Page, PageRequest


class Product(Base):
    """A thing sold, known by its SKU, which is free text.

    `demand_class`, `abc` and `xyz` are how the last nightly run classed it; NULL where too little was sold.
    """

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
    demand_class: Mapped[str | None] = mapped_column(String(12))
    abc: Mapped[str | None] = mapped_column(String(1))
    xyz: Mapped[str | None] = mapped_column(String(1))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[Moment] = mapped_column(server_default=func.now(), onupdate=func.now())


class StockLevel(Base):
    """Stock on hand at the end of a day, where it is known."""

    __tablename__ = "stock_levels"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    date: Mapped[date] = mapped_column(Date, primary_key=True)
    on_hand: Mapped[Quantity]


SORTABLE = {
    "sku": Product.sku,
    "name": Product.name,
    "category": Product.category,
    "price": Product.price,
    "stock": Product.stock,
    "created_at": Product.created_at,
    "updated_at": Product.updated_at,
    "demand_class": Product.demand_class,
    "abc": Product.abc,
    "xyz": Product.xyz,
}

# By what products are classed.
CLASSES = {"demand_class": Product.demand_class, "abc": Product.abc, "xyz": Product.xyz}
Classes = Mapping[str, str]
NO_CLASSES: Classes = {}

# One statement, so that the level of the day is never seen without the stock that it repeats.
TAKE_STOCK = text("""
WITH taken AS (
    SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:quantities AS numeric[])) AS line(id, quantity)
), moved AS (
    UPDATE products p SET stock = p.stock - taken.quantity, updated_at = now()
    FROM taken WHERE p.id = taken.id
    RETURNING p.id, p.stock
)
INSERT INTO stock_levels (product_id, date, on_hand)
SELECT id, :day, stock FROM moved
ON CONFLICT (product_id, date) DO UPDATE SET on_hand = EXCLUDED.on_hand
RETURNING product_id, on_hand
""")


def in_classes(classes: Classes) -> list[ColumnElement[bool]]:
    """Conditions that a product is in all of these classes, by the names of `CLASSES`."""
    return [CLASSES[name] == value for name, value in classes.items()]


def by_sku(session: Session, sku: str) -> Product | None:
    """The product with this SKU."""
    return session.execute(select(Product).where(Product.sku == sku)).scalar_one_or_none()


def page(
    session: Session,
    request: PageRequest,
    sort: str,
    *,
    sku: str | None = None,
    category: str | None = None,
    is_active: bool | None = None,
    search: str | None = None,
    classes: Classes = NO_CLASSES,
) -> Page[Product]:
    """Products that match all filters given; `search` is part of a SKU or name, in any case."""
    matching = select(Product).where(*in_classes(classes))
    if sku is not None:
        matching = matching.where(Product.sku == sku)
    if category is not None:
        matching = matching.where(Product.category == category)
    if is_active is not None:
        matching = matching.where(Product.is_active == is_active)
    if search:
        found = [column.icontains(search, autoescape=True) for column in (Product.sku, Product.name)]
        matching = matching.where(or_(*found))
    rows, total = fetch_page(session, matching, ordering(sort, SORTABLE, Product.id), request)
    return Page([row[0] for row in rows], request.page, request.page_size, total)


def add_if_new(session: Session, values: Mapping[str, Any]) -> Product | None:
    """Add a product; None when its SKU is taken, also by somebody who is adding it at this moment."""
    statement = insert(Product).values(**values).on_conflict_do_nothing(index_elements=["sku"])
    return session.execute(statement.returning(Product)).scalar_one_or_none()


def change(session: Session, sku: str, values: Mapping[str, Any]) -> Product | None:
    """Change fields of a product; None when there is none."""
    statement = update(Product).where(Product.sku == sku).values(**values, updated_at=func.now())
    return session.execute(statement.returning(Product)).scalar_one_or_none()


def lock_against_sales(session: Session, sku: str) -> Product | None:
    """The product, locked so that nobody can add rows that refer to it until this transaction ends."""
    return session.execute(select(Product).where(Product.sku == sku).with_for_update()).scalar_one_or_none()


def lock_all(session: Session, skus: Collection[str]) -> dict[str, Product]:
    """Products by SKU, locked in the order of their ids, so that two sales never wait for each other."""
    statement = select(Product).where(Product.sku.in_(skus)).order_by(Product.id)
    locked = session.execute(statement.with_for_update(key_share=True)).scalars()
    return {product.sku: product for product in locked}


def take_stock(session: Session, taken: Mapping[int, Decimal], day: date) -> dict[int, float]:
    """Take quantities (negative: put back) from products that the caller locked; what is left by id.

    What is left also becomes the stock level of `day`.
    """
    values = {"ids": list(taken), "quantities": list(taken.values()), "day": day}
    return {row.product_id: float(row.on_hand) for row in session.execute(TAKE_STOCK, values)}


def record_level(session: Session, product: Product, day: date) -> None:
    """Make the product's stock its level of `day`."""
    statement = insert(StockLevel).values(product_id=product.id, date=day, on_hand=product.stock)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["product_id", "date"], set_={"on_hand": statement.excluded.on_hand}
        )
    )


def has_history(session: Session, product_id: int) -> bool:
    """Whether the product was ever sold."""
    sold = select(exists().where(Transaction.product_id == product_id))
    summed = select(exists().where(DailySales.product_id == product_id))
    return session.execute(sold).scalar_one() or session.execute(summed).scalar_one()


def remove(session: Session, product_id: int) -> None:
    """Delete the product and everything that refers to it."""
    session.execute(delete(Product).where(Product.id == product_id))


def totals(session: Session) -> Any:
    """Counts and stock values of the whole catalogue."""
    return session.execute(
        select(
            func.count().label("total"),
            func.count().filter(Product.is_active).label("active"),
            func.count().filter(Product.is_active, Product.stock <= 0).label("out_of_stock"),
            *_stock_sums(),
        ).select_from(Product)
    ).one()


def totals_by_category(session: Session) -> Sequence[Any]:
    """The same by category, in the order of their names; None for products without one."""
    return session.execute(
        select(Product.category, func.count().label("products"), *_stock_sums())
        .group_by(Product.category)
        .order_by(Product.category.asc().nulls_last())
    ).all()


def _stock_sums() -> list[Any]:
    """A stock below zero is a count that is behind, not a debt: it is worth nothing."""
    on_hand = func.greatest(Product.stock, 0)
    return [
        func.coalesce(func.sum(on_hand), 0).label("stock_units"),
        func.coalesce(func.sum(on_hand * Product.price), 0).label("stock_value"),
        func.coalesce(func.sum(on_hand * Product.cost), 0).label("stock_cost"),
    ]
