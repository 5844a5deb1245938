"""Lines of sale."""

from __future__ import annotations

from typing import Any

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect, requires
from siprems_backend.routes.idempotent import idempotent
from siprems_backend.routes.schemas.transactions import (
    CheckoutSchema,
    NewTransactionSchema,
    ReceiptSchema,
    SoldLineSchema,
    TransactionPageSchema,
    TransactionQuerySchema,
    TransactionSchema,
)
from siprems_backend.services import sales
from siprems_backend.services.sales import Item, SoldLine
from siprems_backend.utils.roles import Role

PREFIX = "/transactions"
LARGEST_ID = 2**63 - 1
blueprint = Blueprint(
    "transactions",
    __name__,
    description="Sales and returns. Stock moves with them, whatever day they are entered for. Reading takes "
    "the role viewer, selling clerk.",
)
protect(blueprint, Role.VIEWER)

REFUSED = (
    "Not enough on hand (`insufficient_stock`; `fields.items` lists `product_sku`, `wanted`, `available`), "
    "or not sold any more (`product_inactive`). Nothing was sold."
)


@blueprint.get("")
@blueprint.arguments(TransactionQuerySchema, location="query")
@blueprint.response(200, TransactionPageSchema)
def list_transactions(query: dict[str, Any]) -> Any:
    """Lines of sale that match all filters, the newest first."""
    return sales.list_lines(**query)


@blueprint.post("")
@requires(Role.CLERK)
@idempotent
@blueprint.arguments(NewTransactionSchema)
@blueprint.response(201, SoldLineSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`product_not_found`")
@blueprint.alt_response(409, schema=ErrorSchema, description=REFUSED)
def create_transaction(values: dict[str, Any]) -> Any:
    """Sell one item, or take it back."""
    day = values.pop("date")
    return _dumped(sales.sell(Item(**values), day, current_principal().user_id))


@blueprint.post("/checkout")
@requires(Role.CLERK)
@idempotent
@blueprint.arguments(CheckoutSchema)
@blueprint.response(201, ReceiptSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`product_not_found`")
@blueprint.alt_response(409, schema=ErrorSchema, description=REFUSED)
def checkout(values: dict[str, Any]) -> Any:
    """Sell all items under one receipt, or none of them."""
    items = [Item(**item) for item in values["items"]]
    receipt = sales.checkout(items, values["date"], current_principal().user_id)
    return {
        "receipt_id": receipt.receipt_id,
        "date": receipt.date,
        "total": receipt.total,
        "items": [_dumped(sold) for sold in receipt.lines],
    }


@blueprint.get(f"/<int(max={LARGEST_ID}):transaction_id>")
@blueprint.response(200, TransactionSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`transaction_not_found`")
def get_transaction(transaction_id: int) -> Any:
    """One line of sale."""
    return sales.get_line(transaction_id)


def _dumped(sold: SoldLine) -> dict[str, Any]:
    return {**vars(sold.line), "stock_left": sold.stock_left}
