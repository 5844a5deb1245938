"""Orders to suppliers."""

from __future__ import annotations

from typing import Any

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect, requires
from siprems_backend.routes.idempotent import idempotent
from siprems_backend.routes.schemas.orders import (
    NewArrivalSchema,
    NewOrdersSchema,
    OrderChangesSchema,
    OrderPageSchema,
    OrderQuerySchema,
    OrderSchema,
    OrdersMadeSchema,
    SendSchema,
)
from siprems_backend.routes.schemas.predict import NoBody
from siprems_backend.services.replenishment import orders, receipts
from siprems_backend.utils.roles import Role

PREFIX = "/replenishment/orders"
ONE = f"/<int(max={2**63 - 1}):order_id>"
UNKNOWN = "`order_not_found`"
CLOSED = "The order is closed (`order_closed`)"
blueprint = Blueprint(
    "orders",
    __name__,
    description="Orders to suppliers: drafts made of the plan, sent, received in parts or whole, or "
    "cancelled. What was sent and is to come counts in the plan. Reading takes the role viewer, receiving "
    "clerk, the rest analyst.",
)
protect(blueprint, Role.VIEWER)


@blueprint.get("")
@blueprint.arguments(OrderQuerySchema, location="query")
@blueprint.response(200, OrderPageSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`supplier_not_found`")
def list_orders(query: dict[str, Any]) -> Any:
    """Orders that match all filters, the newest first."""
    return orders.listing(**query)


@blueprint.post("")
@requires(Role.ANALYST)
@idempotent
@blueprint.arguments(NewOrdersSchema)
@blueprint.response(201, OrdersMadeSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`product_not_found` or `supplier_not_found`")
@blueprint.alt_response(422, schema=ErrorSchema, description="`nothing_proposed`, `supplier_inactive`")
def create_orders(body: dict[str, Any]) -> Any:
    """Make drafts of products and quantities, or of what the plan proposes; one each supplier.

    What the plan proposed is kept beside what is ordered, with the reason that is given.
    """
    wishes, wanted = body.pop("lines", None), body.pop("filter", None)
    return {"items": orders.create(wishes, wanted, current_principal().user_id, **body)}


@blueprint.get(ONE)
@blueprint.response(200, OrderSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=UNKNOWN)
def get_order(order_id: int) -> Any:
    """One order with its lines and what arrived of it."""
    return orders.get(order_id)


@blueprint.patch(ONE)
@requires(Role.ANALYST)
@blueprint.arguments(OrderChangesSchema)
@blueprint.response(200, OrderSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=f"{UNKNOWN} or `product_not_found`")
@blueprint.alt_response(409, schema=ErrorSchema, description=f"{CLOSED}, or was sent (`order_sent`)")
@blueprint.alt_response(422, schema=ErrorSchema, description="`less_than_received`")
def change_order(values: dict[str, Any], order_id: int) -> Any:
    """Change quantities, date or note. Products can be added to drafts only."""
    return orders.change(order_id, values, current_principal().user_id)


@blueprint.post(f"{ONE}/send")
@requires(Role.ANALYST)
@blueprint.arguments(SendSchema, required=False)
@blueprint.response(200, OrderSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=UNKNOWN)
@blueprint.alt_response(409, schema=ErrorSchema, description="It is no draft any more (`order_closed`)")
def send_order(body: dict[str, Any], order_id: int) -> Any:
    """Say that a draft was sent: from now on it is on its way."""
    return orders.send(order_id, current_principal().user_id, body.get("expected_date"))


@blueprint.post(f"{ONE}/receipts")
@requires(Role.CLERK)
@idempotent
@blueprint.arguments(NewArrivalSchema, required=False)
@blueprint.response(201, OrderSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=f"{UNKNOWN} or `line_not_found`")
@blueprint.alt_response(
    409, schema=ErrorSchema, description="`more_than_ordered`, `order_not_on_its_way`, `stock_too_large`"
)
def receive(body: dict[str, Any], order_id: int) -> Any:
    """Take in what arrived, all that is to come if nothing is named.

    The stock goes up in the same transaction.
    """
    lines = body.get("lines")
    arrived = None if lines is None else {line["sku"]: line["quantity"] for line in lines}
    return receipts.receive(order_id, arrived, current_principal().user_id)


@blueprint.post(f"{ONE}/cancel")
@requires(Role.ANALYST)
@blueprint.arguments(NoBody, required=False)
@blueprint.response(200, OrderSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=UNKNOWN)
@blueprint.alt_response(409, schema=ErrorSchema, description=CLOSED)
def cancel_order(_body: dict[str, Any], order_id: int) -> Any:
    """Expect nothing more of an order; what has arrived stays."""
    return orders.cancel(order_id, current_principal().user_id)
