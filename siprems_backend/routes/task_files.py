"""Files that tasks made, for whoever may see the task."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, send_file

from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.schemas.task_files import TaskFilesSchema
from siprems_backend.services import task_files
from siprems_backend.utils.roles import Role

blueprint = Blueprint("task_files", __name__, description="Files that tasks made")
PREFIX = "/tasks"
protect(blueprint, Role.VIEWER)

FILE = {"type": "string", "format": "binary"}
# A report that is opened in a browser runs nothing, loads nothing and reaches nothing of ours.
SANDBOX = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


@blueprint.get("/<uuid:task_id>/files")
@blueprint.response(200, TaskFilesSchema)
def list_files(task_id: UUID) -> Any:
    """List the files that a task made."""
    return {"task_id": task_id, "files": task_files.listing(task_id, current_principal())}


@blueprint.get("/<uuid:task_id>/files/<name>")
@blueprint.response(200, FILE, content_type="*/*")
@blueprint.alt_response(206, schema=FILE, content_type="*/*", description="A range")
@blueprint.alt_response(304, description="Unchanged since the ETag that was sent")
@blueprint.alt_response(410, description="Removed to make room for newer files")
def fetch(task_id: UUID, name: str) -> Response:
    """Download a file; `ETag`, `If-None-Match` and `Range` are honoured."""
    file = task_files.fetch(task_id, name, current_principal())
    response = send_file(file.path, as_attachment=True, download_name=file.name, conditional=True)
    response.headers["Content-Type"] = file.content_type
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, no-cache"
    return response
