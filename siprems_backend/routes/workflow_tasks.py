"""Executions and validations of workflows over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.idempotent import HEADER, submits_once
from siprems_backend.routes.schemas.bulk_tasks import BulkSubmittedSchema
from siprems_backend.routes.schemas.workflows import (
    BulkExecutionBody,
    ExecutionBody,
    WorkflowSubmittedSchema,
)
from siprems_backend.routes.submissions import submitted_body, submitted_family
from siprems_backend.services import workflows
from siprems_backend.services.workflows import Config
from siprems_backend.utils.roles import Role

PREFIX = "/tasks"
ONE = "/workflow/<uuid:workflow_id>"
blueprint = Blueprint("workflow-tasks", __name__, description="Workflows at work")
protect(blueprint, Role.ANALYST)


@blueprint.post(f"{ONE}/execute")
@submits_once
@blueprint.arguments(ExecutionBody, required=False)
@blueprint.response(202, WorkflowSubmittedSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`workflow_not_found`")
@blueprint.alt_response(
    422,
    schema=ErrorSchema,
    description="It does not take these inputs (`invalid_inputs`, `invalid_pipeline`)",
)
def execute(body: dict[str, Any], workflow_id: UUID) -> Any:
    """Run a workflow as it is now: changes that come later do not touch the task."""
    submitted = workflows.submit_execution(
        Config(workflow_id, body["inputs"]),
        current_principal(),
        wishes=body["wishes"],
        idempotency_key=request.headers.get(HEADER),
    )
    return submitted_body(submitted, "Workflow task submitted", workflow_id=workflow_id)


@blueprint.post(f"{ONE}/validate")
@submits_once
@blueprint.arguments(ExecutionBody, required=False)
@blueprint.response(202, WorkflowSubmittedSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`workflow_not_found`")
def validate(body: dict[str, Any], workflow_id: UUID) -> Any:
    """Look whether a workflow could run on these inputs and the data as they are; nothing runs.

    The task's result has `valid`, and `problems` that name their nodes.
    """
    submitted = workflows.submit_validation(
        Config(workflow_id, body["inputs"]),
        current_principal(),
        wishes=body["wishes"],
        idempotency_key=request.headers.get(HEADER),
    )
    return submitted_body(submitted, "Validation task submitted", workflow_id=workflow_id)


@blueprint.post("/workflows/bulk-execute")
@submits_once
@blueprint.arguments(BulkExecutionBody)
@blueprint.response(202, BulkSubmittedSchema)
@blueprint.alt_response(
    422, schema=ErrorSchema, description="Some cannot be run (`invalid_workflows`); nothing was submitted"
)
def bulk_execute(body: dict[str, Any]) -> Any:
    """Run up to 500 workflows side by side, under a parent.

    One that fails does not touch the others: the parent's result has how each ended. Cancelling the parent
    cancels them.
    """
    family = workflows.submit_bulk(
        body["configs"],
        current_principal(),
        wishes=body["wishes"],
        idempotency_key=request.headers.get(HEADER),
    )
    return submitted_family(family, "workflows")
