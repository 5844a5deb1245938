"""Taking in what arrives: the order, the receipt and the stock change in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from siprems_backend.errors import Conflict, Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, plan_changes, products, purchase_order_queries
from siprems_backend.models.purchase_orders import ON_THE_WAY, RECEIVED, PurchaseOrder
from siprems_backend.services import stock
from siprems_backend.services.catalogue import clean_sku
from siprems_backend.services.replenishment import orders
from siprems_backend.services.replenishment.orders import OrderView
from siprems_backend.utils import clock


def receive(order_id: int, arrived: Mapping[str, Decimal] | None, user_id: int | None) -> OrderView:
    """Take in these quantities by SKU, or all that has not come yet; the stock goes up by them.

    Two who take in the same order do it one after the other, and never more arrives than was ordered.

    Raises:
        NotFound: no such order, or a product that is not in it.
        Conflict: it was not sent, is closed, or more of a product would arrive than is to come.
        Invalid: nothing arrived.
    """
    with database.transaction() as session:
        order = _on_its_way(session, order_id)
        lines = purchase_order_queries.lines_of(session, [order_id])
        quantities = _quantities(lines, arrived)
        counted = purchase_order_queries.take_in(session, quantities, user_id)
        _require_all(lines, quantities, counted)
        _raise_stock(session, [line for line in lines if line.id in counted], quantities)
        order.status = purchase_order_queries.status_after_receipt(session, order_id)
        if order.status == RECEIVED:
            order.received_at = clock.now()
        _tell(session, order_id, user_id, lines, quantities)
        return orders.view(session, order_id)


def _on_its_way(session: Session, order_id: int) -> PurchaseOrder:
    order = orders.held(session, order_id)
    if order.status not in ON_THE_WAY:
        state = order.status.replace("_", " ")
        advice = "; send it first" if order.status == "draft" else ""
        raise Conflict(
            f"Order {order_id} is {state}, nothing of it is to come{advice}.", code="order_not_on_its_way"
        )
    return order


def _quantities(lines: Sequence[Any], arrived: Mapping[str, Decimal] | None) -> dict[int, Decimal]:
    """Quantities by line id, each above zero."""
    if arrived is None:
        return {line.id: left for line in lines if (left := _left(line)) > 0}
    by_sku = {line.sku: line for line in lines}
    wanted = {clean_sku(sku): quantity for sku, quantity in arrived.items()}
    for sku in wanted:
        if sku not in by_sku:
            raise NotFound(f"'{sku}' is not in this order.", code="line_not_found")
    if not wanted or any(quantity <= 0 for quantity in wanted.values()):
        raise Invalid("Say of each product how much arrived, more than nothing.", code="nothing_arrived")
    return {by_sku[sku].id: quantity for sku, quantity in wanted.items()}


def _left(line: Any) -> Decimal:
    # A float from numeric(16, 4) prints as the decimal it came from.
    return Decimal(str(line.quantity)) - Decimal(str(line.received))


def _require_all(lines: Sequence[Any], quantities: Mapping[int, Decimal], counted: set[int]) -> None:
    over = [line for line in lines if line.id in quantities and line.id not in counted]
    if over:
        first = over[0]
        left, came = (units.normalize() for units in (_left(first), quantities[first.id]))
        raise Conflict(
            f"Only {left:f} of '{first.sku}' are to come and {came:f} arrived; raise the order's line first "
            "if they stay.",
            code="more_than_ordered",
            fields={"lines": [{"sku": line.sku, "to_come": float(_left(line))} for line in over]},
        )


def _raise_stock(session: Session, lines: Sequence[Any], quantities: Mapping[int, Decimal]) -> None:
    found = products.lock_all(session, {line.sku for line in lines})
    put_back = {line.product_id: -quantities[line.id] for line in lines}
    stock.require_available(found.values(), put_back)
    products.take_stock(session, put_back, clock.today())


def _tell(
    session: Session,
    order_id: int,
    user_id: int | None,
    lines: Sequence[Any],
    quantities: Mapping[int, Decimal],
) -> None:
    plan_changes.of_products(session, [line.product_id for line in lines if line.id in quantities])
    details = {
        "lines": [
            {"sku": line.sku, "quantity": float(quantities[line.id])}
            for line in lines
            if line.id in quantities
        ]
    }
    audit.record(session, "order.received", user_id=user_id, target=f"order {order_id}", details=details)
