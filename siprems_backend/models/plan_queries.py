"""Named queries of the plan as people read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from siprems_backend.models.plan_lines import URGENCIES, PlanLine
from siprems_backend.models.products import CLASSES, Product, in_classes
from siprems_backend.models.sales import DailySales
from siprems_backend.models.suppliers import Supplier
from siprems_backend.utils.pagination import PageRequest

LINE: tuple[Any, ...] = (
    PlanLine.product_id,
    Product.sku,
    Product.name,
    Product.category,
    Product.unit,
    *CLASSES.values(),
    Supplier.name.label("supplier"),
    case(dict(enumerate(URGENCIES)), value=PlanLine.urgency).label("urgency_name"),
    *(
        column
        for column in PlanLine.__table__.columns
        if column.name not in {"product_id", "changes", "seen"}
    ),
)
BY_NAME: dict[str, Any] = {column.key: column for column in LINE}
# What is sorted by, and whether large values come first; what is unknown comes last.
SORTS: dict[str, tuple[tuple[Any, bool], ...]] = {
    "urgency": ((PlanLine.urgency, False), (PlanLine.stockout_date, False), (PlanLine.value, True)),
    "sku": ((Product.sku, False),),
    "name": ((Product.name, False),),
    "category": ((Product.category, False),),
    "supplier": ((Supplier.name, False),),
    "stockout_date": ((PlanLine.stockout_date, False),),
    "order_by": ((PlanLine.order_by, False),),
    "days_of_cover": ((PlanLine.days_of_cover, False),),
    "recommended": ((PlanLine.recommended, True),),
    "value": ((PlanLine.value, True),),
    "expected_profit": ((PlanLine.expected_profit, True),),
}


def last_sale(session: Session) -> dt.date | None:
    """The last day on which the shop sold anything."""
    return session.scalar(select(func.max(DailySales.date)).where(DailySales.quantity > 0))


def lines(
    session: Session,
    sort: str = "urgency",
    request: PageRequest | None = None,
    names: Sequence[str] | None = None,
    **wanted: Any,
) -> Sequence[Any]:
    """Lines of products that are sold, of one page or all, in the order wanted; `-` turns it round.

    With `names` only these columns are read, which for a whole catalogue takes far less.
    """
    columns = LINE if names is None else [BY_NAME[name] for name in names]
    statement = _matching(select(*columns), **wanted).order_by(*_order(sort))
    if request is not None:
        statement = statement.offset(request.offset).limit(request.page_size)
    return session.execute(statement).all()


def by_products(session: Session, product_ids: Sequence[int]) -> list[Any]:
    """The lines of these products, in this order."""
    found = _matching(select(*LINE)).where(PlanLine.product_id.in_(product_ids))
    by_id = {row.product_id: row for row in session.execute(found)}
    return [by_id[product_id] for product_id in product_ids if product_id in by_id]


def totals(session: Session, **wanted: Any) -> Any:
    """Counts and sums of the lines that match."""
    return session.execute(_matching(select(*_sums()), **wanted)).one()


def by_supplier(session: Session, **wanted: Any) -> Sequence[Any]:
    """The same by supplier, those with most to order first; None for products without one."""
    supplier = (PlanLine.supplier_id, Supplier.name.label("supplier"), Supplier.minimum_order_value)
    grouped = _matching(select(*supplier, *_sums()), **wanted).group_by(*supplier)
    return session.execute(
        grouped.order_by(func.coalesce(func.sum(PlanLine.value), 0).desc(), Supplier.name)
    ).all()


def proposed(session: Session, product_ids: Collection[int]) -> dict[int, float]:
    """What the plan proposes of these products; those without a line or a forecast are left out."""
    statement = select(PlanLine.product_id, PlanLine.recommended).where(
        PlanLine.product_id.in_(product_ids), PlanLine.predicted_demand.is_not(None)
    )
    return dict(session.execute(statement).all())


def skus_to_order(session: Session, **wanted: Any) -> Sequence[str]:
    """SKUs of the lines that match and propose something, by SKU."""
    statement = _matching(select(Product.sku), to_order=True, **wanted)
    return session.scalars(statement.order_by(Product.sku)).all()


def _sums() -> tuple[ColumnElement[Any], ...]:
    line = PlanLine
    return (
        func.count().label("lines"),
        func.count(case((line.recommended > 0, 1))).label("to_order"),
        *(func.count(case((line.urgency == place, 1))).label(name) for place, name in enumerate(URGENCIES)),
        func.coalesce(func.sum(line.recommended), 0.0).label("units"),
        func.coalesce(func.sum(line.value), 0.0).label("value"),
        func.count(case(((line.recommended > 0) & line.value.is_(None), 1))).label("without_cost"),
        func.sum(line.expected_cost).label("expected_cost"),
    )


def _matching(
    statement: Select[Any],
    *,
    supplier: str | None = None,
    category: str | None = None,
    urgency: str | None = None,
    search: str | None = None,
    to_order: bool | None = None,
    skus: Collection[str] | None = None,
    **classes: str,
) -> Select[Any]:
    """Lines of products that are sold and match all filters; `search` is part of a SKU or name.

    `classes` are any of `demand_class`, `abc` and `xyz`.
    """
    joined = (
        statement.select_from(PlanLine)
        .join(Product, Product.id == PlanLine.product_id)
        .outerjoin(Supplier, Supplier.id == PlanLine.supplier_id)
        .where(Product.is_active, *in_classes(classes))
    )
    if supplier is not None:
        joined = joined.where(Supplier.name == supplier)
    if category is not None:
        joined = joined.where(Product.category == category)
    if urgency is not None:
        joined = joined.where(PlanLine.urgency == URGENCIES.index(urgency))
    if search:
        found = (column.icontains(search, autoescape=True) for column in (Product.sku, Product.name))
        joined = joined.where(or_(*found))
    if to_order is not None:
        joined = joined.where(PlanLine.recommended > 0 if to_order else PlanLine.recommended <= 0)
    if skus is not None:
        joined = joined.where(Product.sku.in_(skus))
    return joined


def _order(sort: str) -> list[ColumnElement[Any]]:
    turned = sort.startswith("-")
    columns = [
        (column.desc() if falling != turned else column.asc()).nulls_last()
        for column, falling in SORTS[sort.removeprefix("-")]
    ]
    return [*columns, PlanLine.product_id.asc()]
