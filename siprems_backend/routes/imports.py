"""Files of sales, catalogue and terms of ordering, brought in by a task."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app, request, send_file

from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect, requires
from siprems_backend.routes.idempotent import HEADER, submits_once
from siprems_backend.routes.multipart import uploaded_part
from siprems_backend.routes.schemas.imports import (
    UPLOAD_BODY,
    ImportPageSchema,
    ImportQuery,
    ImportSchema,
    ImportsQuery,
    ImportSubmittedSchema,
)
from siprems_backend.routes.submissions import submitted_body
from siprems_backend.services import imports
from siprems_backend.utils.pagination import PageRequest
from siprems_backend.utils.roles import Role

blueprint = Blueprint("imports", __name__, description="Bring files in and see what became of their rows")
PREFIX = "/imports"
protect(blueprint, Role.VIEWER)


@blueprint.post("")
@requires(Role.ANALYST)
@submits_once
@blueprint.arguments(ImportQuery, location="query")
@blueprint.response(202, ImportSubmittedSchema)
@blueprint.doc(requestBody=UPLOAD_BODY)
def upload(query: dict[str, Any]) -> Any:
    """Upload a file; a task imports it. The same file twice changes nothing."""
    part = uploaded_part("file", current_app.config["SETTINGS"].max_upload_bytes)
    submitted = imports.submit(
        part,
        part.filename,
        query["kind"],
        current_principal(),
        move_stock=query["move_stock"],
        idempotency_key=request.headers.get(HEADER),
    )
    record = submitted.record
    return submitted_body(
        submitted.task,
        f"Import task submitted for {record.filename}",
        import_id=record.id,
        kind=record.kind,
        import_url=f"/api/v1{PREFIX}/{record.id}",
    )


@blueprint.get("")
@blueprint.arguments(ImportsQuery, location="query")
@blueprint.response(200, ImportPageSchema)
def list_imports(query: dict[str, Any]) -> Any:
    """List your imports; operators see everybody's."""
    page = PageRequest(query["page"], query["page_size"])
    return imports.listing(page, query.get("kind"), current_principal())


@blueprint.get("/<uuid:import_id>")
@blueprint.response(200, ImportSchema)
def get(import_id: UUID) -> Any:
    """Show an import with its report."""
    return imports.get(import_id, current_principal())


@blueprint.get("/<uuid:import_id>/rejected.csv")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="text/csv")
def rejected_rows(import_id: UUID) -> Response:
    """Download all rows that were rejected: line, column, value, reason."""
    path = imports.rejected_rows_file(import_id, current_principal())
    return send_file(path, mimetype="text/csv", as_attachment=True, download_name=f"rejected-{import_id}.csv")
