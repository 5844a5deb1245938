"""Named queries of orders to suppliers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, bindparam, case, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from siprems_backend.models.listing import fetch_page, ordering
from siprems_backend.models.products import Product
from siprems_backend.models.purchase_orders import (
    OPEN,
    PARTLY,
    RECEIVED,
    SENT,
    OrderLine,
    PurchaseOrder,
    Receipt,
)
from siprems_backend.models.suppliers import Supplier
from siprems_backend.utils.pagination import Page, PageRequest

SORTABLE = {
    "id": PurchaseOrder.id,
    "created_at": PurchaseOrder.created_at,
    "expected_date": PurchaseOrder.expected_date,
    "status": PurchaseOrder.status,
}

# Compare-and-swap on the line, so that whatever else happens no more arrives than was ordered.
TAKE_IN = text("""
WITH arrived AS (
    SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:quantities AS numeric[])) AS line(id, quantity)
), counted AS (
    UPDATE purchase_order_lines l SET received = l.received + arrived.quantity
    FROM arrived WHERE l.id = arrived.id AND l.received + arrived.quantity <= l.quantity
    RETURNING l.id, arrived.quantity
)
INSERT INTO purchase_receipts (line_id, quantity, received_by)
SELECT id, quantity, :user_id FROM counted RETURNING line_id
""")


def page(
    session: Session,
    request: PageRequest,
    sort: str,
    *,
    status: str | None = None,
    supplier_id: int | None = None,
    sku: str | None = None,
) -> Page[Any]:
    """Orders that match all filters given, each with its supplier's name and sums of its lines."""
    matching = _orders()
    if status is not None:
        matching = matching.where(PurchaseOrder.status.in_(OPEN if status == "open" else [status]))
    if supplier_id is not None:
        matching = matching.where(PurchaseOrder.supplier_id == supplier_id)
    if sku is not None:
        ordered = select(OrderLine.order_id).join(Product, Product.id == OrderLine.product_id)
        matching = matching.where(PurchaseOrder.id.in_(ordered.where(Product.sku == sku)))
    rows, total = fetch_page(session, matching, ordering(sort, SORTABLE, PurchaseOrder.id), request)
    return Page(rows, request.page, request.page_size, total)


def by_ids(session: Session, order_ids: Collection[int]) -> Sequence[Any]:
    """These orders as in a page, by their ids."""
    found = _orders().where(PurchaseOrder.id.in_(order_ids)).order_by(PurchaseOrder.id)
    return session.execute(found).all()


def lines_of(session: Session, order_ids: Collection[int]) -> Sequence[Any]:
    """The lines of these orders with SKU and name of their products, by order and SKU."""
    statement = (
        select(
            OrderLine.id,
            OrderLine.order_id,
            OrderLine.product_id,
            Product.sku,
            Product.name,
            Product.unit,
            OrderLine.quantity,
            OrderLine.received,
            OrderLine.proposed,
            OrderLine.override_reason,
            OrderLine.decided_by,
            OrderLine.unit_cost,
        )
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id.in_(order_ids))
        .order_by(OrderLine.order_id, Product.sku)
    )
    return session.execute(statement).all()


def receipts_of(session: Session, order_id: int) -> Sequence[Any]:
    """What arrived of an order, the oldest first."""
    statement = (
        select(Receipt.id, Product.sku, Receipt.quantity, Receipt.received_by, Receipt.received_at)
        .join(OrderLine, OrderLine.id == Receipt.line_id)
        .join(Product, Product.id == OrderLine.product_id)
        .where(OrderLine.order_id == order_id)
        .order_by(Receipt.id)
    )
    return session.execute(statement).all()


def locked(session: Session, order_id: int) -> PurchaseOrder | None:
    """The order, for this transaction alone: whoever else changes it or takes it in waits."""
    return session.scalar(select(PurchaseOrder).where(PurchaseOrder.id == order_id).with_for_update())


def add(session: Session, order: PurchaseOrder, lines: Sequence[Mapping[str, Any]]) -> int:
    """Add an order with its lines; its id."""
    session.add(order)
    session.flush()
    session.execute(insert(OrderLine), [{**line, "order_id": order.id} for line in lines])
    return order.id


def put_line(session: Session, line_id: int, values: Mapping[str, Any]) -> None:
    """Change fields of a line."""
    session.execute(update(OrderLine).where(OrderLine.id == line_id).values(**values))


def add_line(session: Session, values: Mapping[str, Any]) -> None:
    """Add a line to an order."""
    session.execute(insert(OrderLine), [dict(values)])


def remove_line(session: Session, line_id: int) -> None:
    """Take a line out of an order."""
    session.execute(delete(OrderLine).where(OrderLine.id == line_id))


def take_in(session: Session, arrived: Mapping[int, Decimal], user_id: int | None) -> set[int]:
    """Count what arrived, by line id; the lines it was counted on: not those with too little left."""
    values = {"ids": list(arrived), "quantities": list(arrived.values()), "user_id": user_id}
    return {row.line_id for row in session.execute(TAKE_IN, values)}


def has_orders(session: Session, supplier_id: int) -> bool:
    """Whether anything was ever ordered from the supplier."""
    ordered = select(PurchaseOrder.id).where(PurchaseOrder.supplier_id == supplier_id).limit(1)
    return session.scalar(ordered) is not None


def was_ordered(session: Session, product_id: int) -> bool:
    """Whether the product is on any order."""
    ordered = select(OrderLine.id).where(OrderLine.product_id == product_id).limit(1)
    return session.scalar(ordered) is not None


def on_the_way(session: Session, product_ids: Collection[int] | None = None) -> Sequence[Any]:
    """(product id, status, expected date, units to come) of lines that are open, drafts among them."""
    left = OrderLine.quantity - OrderLine.received
    statement = (
        select(
            OrderLine.product_id,
            PurchaseOrder.status,
            PurchaseOrder.expected_date,
            func.sum(left).label("units"),
        )
        .join(PurchaseOrder, PurchaseOrder.id == OrderLine.order_id)
        .where(PurchaseOrder.status.in_(OPEN), left > 0)
        .group_by(OrderLine.product_id, PurchaseOrder.status, PurchaseOrder.expected_date)
        .order_by(OrderLine.product_id, PurchaseOrder.expected_date)
    )
    if product_ids is not None:
        statement = statement.where(OrderLine.product_id == func.any(bindparam("ids", list(product_ids))))
    return session.execute(statement).all()


def _orders() -> Select[*tuple[Any, ...]]:
    sums = (
        select(
            OrderLine.order_id,
            func.count().label("lines"),
            func.sum(OrderLine.quantity).label("quantity"),
            func.sum(OrderLine.received).label("received"),
            func.sum(OrderLine.quantity * OrderLine.unit_cost).label("value"),
            func.count(case((OrderLine.proposed != OrderLine.quantity, 1))).label("overridden"),
        )
        .group_by(OrderLine.order_id)
        .subquery()
    )
    order = PurchaseOrder
    return (
        select(
            order.id,
            order.supplier_id,
            Supplier.name.label("supplier"),
            order.status,
            order.expected_date,
            order.note,
            order.created_by,
            order.created_at,
            order.sent_at,
            order.received_at,
            order.cancelled_at,
            Supplier.minimum_order_value,
            *(
                func.coalesce(sums.c[name], 0).label(name)
                for name in ("lines", "quantity", "received", "overridden")
            ),
            sums.c.value,
        )
        .outerjoin(Supplier, Supplier.id == order.supplier_id)
        .outerjoin(sums, sums.c.order_id == order.id)
    )


def status_after_receipt(session: Session, order_id: int) -> str:
    """What an order is once its receipts are counted."""
    left, received = session.execute(
        select(func.sum(OrderLine.quantity - OrderLine.received), func.sum(OrderLine.received)).where(
            OrderLine.order_id == order_id
        )
    ).one()
    if not left:
        return RECEIVED
    return PARTLY if received else SENT
