"""Named queries of what a morning's summary tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from siprems_backend.models.plan_lines import PlanLine
from siprems_backend.models.products import Product
from siprems_backend.models.purchase_orders import ON_THE_WAY, PurchaseOrder

# They run out before what is ordered now could come.
RUNS_OUT = (PlanLine.recommended > 0) & (PlanLine.stockout_date < PlanLine.arrives_on)
# What there is lasts for more than a year: nobody may ever want it.
DEAD = (
    (PlanLine.current_stock > 0) & PlanLine.predicted_demand.is_not(None) & PlanLine.days_of_cover.is_(None)
)
WORTH = PlanLine.current_stock * Product.cost


def runs_out(session: Session, limit: int) -> tuple[int, Sequence[Any]]:
    """How many run out before a delivery can come, and the first of them."""
    columns = (Product.sku, Product.name, PlanLine.stockout_date, PlanLine.recommended)
    order = (PlanLine.stockout_date, PlanLine.value.desc().nulls_last(), PlanLine.product_id)
    return _count(session, RUNS_OUT), session.execute(
        _of(RUNS_OUT, *columns).order_by(*order).limit(limit)
    ).all()


def dead(session: Session, limit: int) -> tuple[int, float, Sequence[Any]]:
    """How many lie dead, what they cost in all, and those that cost most."""
    columns = (Product.sku, Product.name, PlanLine.current_stock.label("stock"), WORTH.label("value"))
    largest = _of(DEAD, *columns).order_by(WORTH.desc().nulls_last(), PlanLine.product_id).limit(limit)
    worth = session.scalar(_of(DEAD, func.coalesce(func.sum(WORTH), 0)))
    return _count(session, DEAD), float(cast(float, worth)), session.execute(largest).all()


def overdue(session: Session, day: dt.date) -> int:
    """How many orders should have arrived before `day`."""
    late = PurchaseOrder.status.in_(ON_THE_WAY) & (PurchaseOrder.expected_date < day)
    return session.scalar(select(func.count()).where(late)) or 0


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(_of(condition, func.count())) or 0


def _of(condition: ColumnElement[bool], *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(PlanLine)
        .join(Product, Product.id == PlanLine.product_id)
        .where(Product.is_active, condition)
    )
