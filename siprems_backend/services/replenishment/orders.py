"""Orders to suppliers: drafts that people change, sent, received in parts or whole, or cancelled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from siprems_backend.errors import Conflict, Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import (
    audit,
    parameter_queries,
    plan_changes,
    plan_queries,
    purchase_order_queries,
)
from siprems_backend.models.purchase_orders import CANCELLED, DRAFT, ON_THE_WAY, OPEN, SENT, PurchaseOrder
from siprems_backend.services.replenishment import order_lines, parameters, proposals, refreshing
from siprems_backend.services.replenishment.plan_day import planning_day
from siprems_backend.services.replenishment.proposals import Wish
from siprems_backend.services.replenishment.suppliers import named
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import Page, PageRequest

MOST_LINES = 10_000


@dataclass(frozen=True)
class OrderView:
    """An order with its lines and what arrived of it."""

    order: Any
    lines: Sequence[Any]
    receipts: Sequence[Any]


def listing(
    request: PageRequest,
    sort: str = "-id",
    *,
    status: str | None = None,
    supplier: str | None = None,
    sku: str | None = None,
) -> Page[Any]:
    """Orders that match all filters; the status `open` is all that is not received or cancelled."""
    with database.reading() as session:
        supplier_id = None if supplier is None else named(session, supplier).id
        return purchase_order_queries.page(
            session, request, sort, status=status, supplier_id=supplier_id, sku=sku
        )


def get(order_id: int) -> OrderView:
    """One order.

    Raises:
        NotFound: when there is none with this id.
    """
    with database.reading() as session:
        return view(session, order_id)


def create(
    wishes: Sequence[Wish] | None,
    wanted: Mapping[str, Any] | None,
    user_id: int | None,
    *,
    expected_date: dt.date | None = None,
    note: str | None = None,
) -> Sequence[Any]:
    """Make drafts of the products named, or of all that the plan proposes in a filter; one each supplier.

    Raises:
        NotFound: an unknown SKU or supplier.
        Invalid: nothing to order, or more than an order should have.
    """
    refreshing.freshen()
    with database.transaction() as session:
        if wishes is None:
            wishes = [Wish(sku) for sku in plan_queries.skus_to_order(session, **(wanted or {}))]
        if not wishes:
            raise Invalid(
                "The plan proposes nothing here; name products and quantities.", code="nothing_proposed"
            )
        if len(wishes) > MOST_LINES:
            raise Invalid(f"{len(wishes)} lines are too many for one request; at most {MOST_LINES}.")
        lines = proposals.lines_of_wishes(session, wishes, user_id)
        grouped = proposals.by_supplier(lines)
        proposals.require_active(session, [key for key in grouped if key is not None])
        shared = {"expected_date": expected_date, "note": note, "created_by": user_id, "status": DRAFT}
        ids = [
            _add(session, PurchaseOrder(supplier_id=supplier_id, **shared), own)
            for supplier_id, own in sorted(grouped.items(), key=lambda item: item[0] or 0)
        ]
        plan_changes.of_products(session, [line["product_id"] for line in lines])
        return purchase_order_queries.by_ids(session, ids)


def change(order_id: int, values: Mapping[str, Any], user_id: int | None) -> OrderView:
    """Change the date, the note or lines of an order that is not closed.

    Raises:
        NotFound: no such order, or an unknown SKU.
        Conflict: it is closed.
        Invalid: less would be ordered of a product than has arrived.
    """
    with database.transaction() as session:
        order = _open(session, order_id)
        lines: Sequence[Wish] = values.get("lines", ())
        for name in ("expected_date", "note"):
            if name in values:
                setattr(order, name, values[name])
        touched = order_lines.change(session, order, lines, user_id)
        _settle(session, order)
        _note(session, "changed", order_id, user_id, {"changed": sorted(values), "products": len(touched)})
        _tell_plan(session, order_id, touched)
        return view(session, order_id)


def send(order_id: int, user_id: int | None, expected_date: dt.date | None = None) -> OrderView:
    """Say that a draft was sent; it is expected after the lead time unless a date is known.

    Raises:
        NotFound: no such order.
        Conflict: it is no draft any more.
        Invalid: nothing is ordered in it.
    """
    with database.transaction() as session:
        order = _open(session, order_id)
        if order.status != DRAFT:
            raise _not_possible(order, "sent")
        lines = purchase_order_queries.lines_of(session, [order_id])
        if not any(line.quantity for line in lines):
            raise Invalid("Nothing is ordered in it; give a line a quantity.", code="empty_order")
        order.status, order.sent_at = SENT, clock.now()
        order.expected_date = expected_date or order.expected_date or _expected(session, lines)
        _note(session, "sent", order_id, user_id, {"expected_date": str(order.expected_date)})
        _tell_plan(session, order_id)
        return view(session, order_id)


def cancel(order_id: int, user_id: int | None) -> OrderView:
    """Expect nothing more of an order; what has arrived stays.

    Raises:
        NotFound: no such order.
        Conflict: it is closed already.
    """
    with database.transaction() as session:
        order = _open(session, order_id)
        order.status, order.cancelled_at = CANCELLED, clock.now()
        _note(session, "cancelled", order_id, user_id)
        _tell_plan(session, order_id)
        return view(session, order_id)


def held(session: Session, order_id: int) -> PurchaseOrder:
    """The order, for this transaction alone.

    Raises:
        NotFound: when there is none.
    """
    order = purchase_order_queries.locked(session, order_id)
    if order is None:
        raise _unknown(order_id)
    return order


def view(session: Session, order_id: int) -> OrderView:
    """The order as it stands in this unit of work.

    Raises:
        NotFound: when there is none.
    """
    session.flush()
    found = purchase_order_queries.by_ids(session, [order_id])
    if not found:
        raise _unknown(order_id)
    return OrderView(
        found[0],
        purchase_order_queries.lines_of(session, [order_id]),
        purchase_order_queries.receipts_of(session, order_id),
    )


def _open(session: Session, order_id: int) -> PurchaseOrder:
    order = held(session, order_id)
    if order.status not in OPEN:
        raise _not_possible(order, "changed")
    return order


def _add(
    session: Session,
    order: PurchaseOrder,
    lines: Sequence[Mapping[str, Any]],
) -> int:
    order_id = purchase_order_queries.add(session, order, lines)
    _note(session, "created", order_id, order.created_by, {"lines": len(lines)})
    return order_id


def _settle(session: Session, order: PurchaseOrder) -> None:
    """An order whose open rest was taken out of it is received."""
    if order.status in ON_THE_WAY:
        session.flush()
        order.status = purchase_order_queries.status_after_receipt(session, order.id)
        if order.status not in OPEN:
            order.received_at = clock.now()


def _expected(session: Session, lines: Sequence[Any]) -> dt.date:
    """When the last of the products will have come, by their lead times."""
    rows = parameter_queries.resolved(session, [line.product_id for line in lines])
    days = max(parameters.with_defaults(row)["lead_time_days"] for row in rows.values())
    return planning_day(session) + dt.timedelta(days=int(-(-days // 1)))


def _tell_plan(session: Session, order_id: int, more: Sequence[int] = ()) -> None:
    lines = purchase_order_queries.lines_of(session, [order_id])
    plan_changes.of_products(session, {line.product_id for line in lines} | set(more))


def _note(
    session: Session, action: str, order_id: int, user_id: int | None, details: object | None = None
) -> None:
    audit.record(session, f"order.{action}", user_id=user_id, target=f"order {order_id}", details=details)


def _unknown(order_id: int) -> NotFound:
    return NotFound(f"No order with id {order_id}.", code="order_not_found")


def _not_possible(order: PurchaseOrder, wanted: str) -> Conflict:
    state = order.status.replace("_", " ")
    return Conflict(f"Order {order.id} is {state} and cannot be {wanted}.", code="order_closed")
