"""Tables as files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response

from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.file_answers import FILE, XLSX, as_file
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.schemas.exports import (
    EventsExportSchema,
    ExportQuerySchema,
    HistoryExportSchema,
    ProductsExportSchema,
    SoldExportSchema,
)
from siprems_backend.routes.schemas.replenishment import PlanExportSchema
from siprems_backend.services import exports
from siprems_backend.services.exports import Export
from siprems_backend.utils.roles import Role

PREFIX = "/exports"
blueprint = Blueprint(
    "exports",
    __name__,
    description="Tables as CSV (UTF-8; text that a spreadsheet would run as a formula begins with an "
    "apostrophe) or Parquet, sent while they are read. Takes the role viewer; every export is audited.",
)
protect(blueprint, Role.VIEWER)


@blueprint.get("/sales")
@blueprint.arguments(SoldExportSchema, location="query")
@blueprint.response(200, FILE, content_type="text/csv")
@blueprint.alt_response(200, schema=FILE, content_type="application/vnd.apache.parquet", success=True)
def export_sales(query: dict[str, Any]) -> Response:
    """Lines of sale by date."""
    return _sent(exports.sales, query)


@blueprint.get("/products")
@blueprint.arguments(ProductsExportSchema, location="query")
@blueprint.response(200, FILE, content_type="text/csv")
@blueprint.alt_response(200, schema=FILE, content_type="application/vnd.apache.parquet", success=True)
def export_products(query: dict[str, Any]) -> Response:
    """The catalogue."""
    return _sent(exports.products, query)


@blueprint.get("/events")
@blueprint.arguments(EventsExportSchema, location="query")
@blueprint.response(200, FILE, content_type="text/csv")
@blueprint.alt_response(200, schema=FILE, content_type="application/vnd.apache.parquet", success=True)
def export_events(query: dict[str, Any]) -> Response:
    """Events by date."""
    return _sent(exports.events, query)


@blueprint.get("/promotions")
@blueprint.arguments(HistoryExportSchema, location="query")
@blueprint.response(200, FILE, content_type="text/csv")
@blueprint.alt_response(200, schema=FILE, content_type="application/vnd.apache.parquet", success=True)
def export_promotions(query: dict[str, Any]) -> Response:
    """Planned promotions by their first day."""
    return _sent(exports.promotions, query)


@blueprint.get("/suppliers")
@blueprint.arguments(ExportQuerySchema, location="query")
@blueprint.response(200, FILE, content_type="text/csv")
@blueprint.alt_response(200, schema=FILE, content_type="application/vnd.apache.parquet", success=True)
def export_suppliers(query: dict[str, Any]) -> Response:
    """Suppliers by name; the file can be imported again."""
    return _sent(exports.suppliers, query)


@blueprint.get("/replenishment")
@blueprint.arguments(ExportQuerySchema, location="query")
@blueprint.response(200, FILE, content_type="text/csv")
@blueprint.alt_response(200, schema=FILE, content_type="application/vnd.apache.parquet", success=True)
def export_replenishment(query: dict[str, Any]) -> Response:
    """What is said of ordering; the file can be imported again."""
    return _sent(exports.replenishment, query)


@blueprint.get("/plan")
@blueprint.arguments(PlanExportSchema, location="query")
@blueprint.response(200, FILE, content_type="text/csv")
@blueprint.alt_response(200, schema=FILE, content_type="application/vnd.apache.parquet", success=True)
@blueprint.alt_response(200, schema=FILE, content_type=XLSX, success=True)
def export_plan(query: dict[str, Any]) -> Response:
    """What to order today; the same as `/replenishment/export`."""
    return _sent(exports.plan, query)


@blueprint.get("/forecasts")
@blueprint.arguments(SoldExportSchema, location="query")
@blueprint.response(200, FILE, content_type="text/csv")
@blueprint.alt_response(200, schema=FILE, content_type="application/vnd.apache.parquet", success=True)
def export_forecasts(query: dict[str, Any]) -> Response:
    """The latest forecast of every product, one row a day."""
    return _sent(exports.forecasts, query)


def _sent(export: Callable[..., Export], query: dict[str, Any]) -> Response:
    file = export(query.pop("file_format"), current_principal().user_id, **query)
    return as_file(file)
