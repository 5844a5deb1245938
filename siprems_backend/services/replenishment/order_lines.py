"""Changing the lines of an order that is not closed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from siprems_backend.errors import Conflict, Invalid
from siprems_backend.models import purchase_order_queries
from siprems_backend.models.purchase_orders import DRAFT, PurchaseOrder
from siprems_backend.services.catalogue import clean_sku
from siprems_backend.services.replenishment import proposals
from siprems_backend.services.replenishment.proposals import NOTHING, Wish


def change(session: Session, order: PurchaseOrder, wishes: Sequence[Wish], user_id: int | None) -> list[int]:
    """Set quantities by SKU: 0 takes a line out, a new SKU adds one to a draft; ids of the products.

    Raises:
        NotFound: an unknown SKU.
        Conflict: a product would be added to an order that was sent.
        Invalid: no quantity, or less than has arrived.
    """
    known = {line.sku: line for line in purchase_order_queries.lines_of(session, [order.id])}
    touched = []
    for wish in wishes:
        line = known.get(clean_sku(wish.sku))
        touched.append(
            _add(session, order, wish, user_id) if line is None else _change(session, line, wish, user_id)
        )
    return touched


def _change(session: Session, line: Any, wish: Wish, user_id: int | None) -> int:
    quantity = Decimal(str(line.quantity)) if wish.quantity is None else wish.quantity
    if quantity < Decimal(str(line.received)):
        raise Invalid(
            f"{line.received:g} of '{line.sku}' have arrived; no less can be ordered.",
            code="less_than_received",
            fields={"lines": [{"sku": line.sku, "received": line.received}]},
        )
    if quantity == NOTHING and not line.proposed:
        purchase_order_queries.remove_line(session, line.id)
    else:
        values = {"quantity": quantity, "decided_by": user_id}
        reason = {} if wish.reason is None else {"override_reason": wish.reason}
        purchase_order_queries.put_line(session, line.id, {**values, **reason})
    return int(line.product_id)


def _add(session: Session, order: PurchaseOrder, wish: Wish, user_id: int | None) -> int:
    if order.status != DRAFT:
        raise Conflict(
            f"Order {order.id} was sent without '{wish.sku}'; make another order.", code="order_sent"
        )
    (line,) = proposals.lines_of_wishes(session, [wish], user_id)
    line.pop("supplier_id")
    purchase_order_queries.add_line(session, {**line, "order_id": order.id})
    return int(line["product_id"])
