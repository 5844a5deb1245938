"""Named queries of what people made of proposals."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from siprems_backend.models.listing import fetch_page
from siprems_backend.models.products import Product
from siprems_backend.models.purchase_orders import OrderLine, PurchaseOrder
from siprems_backend.models.users import User
from siprems_backend.utils.pagination import Page, PageRequest

Grouping = Literal["product", "user"]


def page(
    session: Session,
    request: PageRequest,
    grouping: Grouping,
    *,
    since: dt.date | None = None,
    sku: str | None = None,
) -> Page[Any]:
    """Proposals by product or by who decided, most changed first: how many, which were changed and how far.

    Cancelled orders count: what somebody wanted then is true. Ratios are of ordered to proposed units.
    """
    line, key = OrderLine, (Product.sku, Product.name) if grouping == "product" else (User.id, User.email)
    ratio, changed = line.quantity / line.proposed, line.quantity != line.proposed
    sums = (
        func.count().label("proposals"),
        func.count(case((changed, 1))).label("changed"),
        func.count(case((line.quantity > line.proposed, 1))).label("raised"),
        func.count(case((line.quantity < line.proposed, 1))).label("lowered"),
        func.count(case((line.quantity == 0, 1))).label("declined"),
        func.avg(ratio).label("mean_ratio"),
        func.avg(func.abs(ratio - 1)).filter(changed).label("mean_change"),
        (func.sum(line.quantity) / func.sum(line.proposed)).label("ratio_of_sums"),
        func.count(line.override_reason).label("reasons"),
        func.max(PurchaseOrder.created_at).label("last_at"),
    )
    named = [column.label(name) for column, name in zip(key, ("key", "name"), strict=True)]
    statement = (
        select(*named, *sums)
        .select_from(line)
        .join(PurchaseOrder, PurchaseOrder.id == line.order_id)
        .join(Product, Product.id == line.product_id)
        .outerjoin(User, User.id == line.decided_by)
        .where(line.proposed > 0)
        .group_by(*key)
    )
    if since is not None:
        statement = statement.where(PurchaseOrder.created_at >= since)
    if sku is not None:
        statement = statement.where(Product.sku == sku)
    order: list[ColumnElement[Any]] = [func.count(case((changed, 1))).desc(), key[0].asc().nulls_last()]
    rows, total = fetch_page(session, statement, order, request)
    return Page(rows, request.page, request.page_size, total)
