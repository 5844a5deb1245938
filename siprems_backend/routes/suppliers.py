"""Suppliers."""

from __future__ import annotations

from typing import Any

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect, requires
from siprems_backend.routes.idempotent import idempotent
from siprems_backend.routes.schemas.suppliers import (
    NewSupplierSchema,
    RemovedSupplierSchema,
    SupplierChangesSchema,
    SupplierPageSchema,
    SupplierQuerySchema,
    SupplierSchema,
)
from siprems_backend.services.replenishment import suppliers
from siprems_backend.utils.roles import Role

PREFIX = "/suppliers"
ONE = f"/<int(max={2**63 - 1}):supplier_id>"
UNKNOWN = "`supplier_not_found`"
TAKEN = "The name is taken (`supplier_exists`)"
blueprint = Blueprint(
    "suppliers",
    __name__,
    description="Who delivers, how long that takes and on which terms. Reading takes the role viewer, "
    "changing analyst.",
)
protect(blueprint, Role.VIEWER)

REMOVED = {
    "deleted": "Nothing was ever ordered from the supplier; it is deleted.",
    "deactivated": "The supplier has orders, which stay; it is not active any more.",
}


@blueprint.get("")
@blueprint.arguments(SupplierQuerySchema, location="query")
@blueprint.response(200, SupplierPageSchema)
def list_suppliers(query: dict[str, Any]) -> Any:
    """Suppliers that match all filters."""
    return suppliers.listing(**query)


@blueprint.post("")
@requires(Role.ANALYST)
@idempotent
@blueprint.arguments(NewSupplierSchema)
@blueprint.response(201, SupplierSchema)
@blueprint.alt_response(409, schema=ErrorSchema, description=TAKEN)
def create_supplier(values: dict[str, Any]) -> Any:
    """Add a supplier."""
    return suppliers.create(values, current_principal().user_id)


@blueprint.get(ONE)
@blueprint.response(200, SupplierSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=UNKNOWN)
def get_supplier(supplier_id: int) -> Any:
    """One supplier."""
    return suppliers.get(supplier_id)


@blueprint.patch(ONE)
@requires(Role.ANALYST)
@blueprint.arguments(SupplierChangesSchema)
@blueprint.response(200, SupplierSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=UNKNOWN)
@blueprint.alt_response(409, schema=ErrorSchema, description=TAKEN)
def change_supplier(values: dict[str, Any], supplier_id: int) -> Any:
    """Change only the fields given; the plan follows."""
    return suppliers.change(supplier_id, values, current_principal().user_id)


@blueprint.delete(ONE)
@requires(Role.ANALYST)
@blueprint.response(200, RemovedSupplierSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=UNKNOWN)
def delete_supplier(supplier_id: int) -> Any:
    """Delete a supplier; one with orders is deactivated, and `status` says so."""
    outcome = suppliers.remove(supplier_id, current_principal().user_id)
    return {"id": supplier_id, "status": outcome, "message": REMOVED[outcome]}
