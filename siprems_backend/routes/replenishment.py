"""What to order today."""

from __future__ import annotations

from typing import Any

from flask import Response

from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.file_answers import FILE, XLSX, as_file
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.schemas.overrides import OverridePageSchema, OverrideQuerySchema
from siprems_backend.routes.schemas.replenishment import (
    PlanExportSchema,
    PlanPageSchema,
    PlanQuerySchema,
    PlanWantedSchema,
    SupplierPlanSchema,
)
from siprems_backend.services import exports
from siprems_backend.services.replenishment import overrides, views
from siprems_backend.utils.roles import Role

PREFIX = "/replenishment"
blueprint = Blueprint(
    "replenishment",
    __name__,
    description="What to order today, of every product that is sold: made at night and read from the "
    "database; lines whose stock, orders, terms or forecast changed are made anew before they are shown. "
    "Takes the role viewer.",
)
protect(blueprint, Role.VIEWER)


@blueprint.get("")
@blueprint.arguments(PlanQuerySchema, location="query")
@blueprint.response(200, PlanPageSchema)
def list_plan(query: dict[str, Any]) -> Any:
    """Lines that match all filters, the most urgent first, and sums of all of them."""
    return views.page(**query)


@blueprint.get("/suppliers")
@blueprint.arguments(PlanWantedSchema, location="query")
@blueprint.response(200, SupplierPlanSchema)
def list_suppliers(query: dict[str, Any]) -> Any:
    """Sums of the lines that match by supplier, those with most to order first."""
    return views.by_supplier(**query)


@blueprint.get("/export")
@blueprint.arguments(PlanExportSchema, location="query")
@blueprint.response(200, FILE, content_type="text/csv")
@blueprint.alt_response(200, schema=FILE, content_type="application/vnd.apache.parquet", success=True)
@blueprint.alt_response(200, schema=FILE, content_type=XLSX, success=True)
def export_plan(query: dict[str, Any]) -> Response:
    """All lines that match, as CSV, XLSX or Parquet."""
    return as_file(exports.plan(query.pop("file_format"), current_principal().user_id, **query))


@blueprint.get("/overrides")
@blueprint.arguments(OverrideQuerySchema, location="query")
@blueprint.response(200, OverridePageSchema)
def list_overrides(query: dict[str, Any]) -> Any:
    """What people made of proposals: how often they changed them, which way and how far."""
    return overrides.listing(
        query["request"], query["grouping"], since=query.get("since"), sku=query.get("sku")
    )
