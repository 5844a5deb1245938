"""Tools: what there is, and running one."""

from __future__ import annotations

from typing import Any

from flask import request

from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.idempotent import HEADER, submits_once
from siprems_backend.routes.schemas.paging import PageQuerySchema
from siprems_backend.routes.schemas.tools import RunBody, RunSubmittedSchema, ToolPageSchema
from siprems_backend.routes.submissions import submitted_body
from siprems_backend.services.tool_runner import requests
from siprems_backend.utils.roles import Role

blueprint = Blueprint("tools", __name__, description="Reports and exports that a worker makes, as files")
# One blueprint for two words: `/tools` lists them, `/run` runs one.
PREFIX = ""
protect(blueprint, Role.VIEWER)


@blueprint.get("/tools")
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, ToolPageSchema)
def list_tools(query: dict[str, Any]) -> Any:
    """List the tools with the JSON Schema of their parameters."""
    return requests.listing(query["request"])


@blueprint.post("/run")
@submits_once
@blueprint.arguments(RunBody)
@blueprint.response(202, RunSubmittedSchema)
def run(body: dict[str, Any]) -> Any:
    """Have a worker run a tool; its files are at `files_url` when the task has succeeded."""
    name = body["tool_name"]
    submitted = requests.submit(
        name, body["parameters"], current_principal(), idempotency_key=request.headers.get(HEADER)
    )
    return submitted_body(
        submitted,
        f"Tool {name} submitted",
        tool_name=name,
        files_url=f"/api/v1/tasks/{submitted.task_id}/files",
    )
