"""Many tasks at once over HTTP."""

from __future__ import annotations

from typing import Any

from flask import request

from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect, requires
from siprems_backend.routes.idempotent import HEADER, submits_once
from siprems_backend.routes.schemas.bulk_tasks import (
    BulkBody,
    BulkSubmittedSchema,
    CancelBody,
    CancelledTasksSchema,
)
from siprems_backend.routes.submissions import submitted_family
from siprems_backend.services import bulk_tasks, task_registry
from siprems_backend.utils.roles import Role

blueprint = Blueprint("bulk-tasks", __name__, description="Many tasks by one request")
PREFIX = "/tasks"
protect(blueprint, Role.VIEWER)


@blueprint.post("/bulk")
@requires(Role.ANALYST)
@submits_once
@blueprint.arguments(BulkBody)
@blueprint.response(202, BulkSubmittedSchema)
def submit(body: dict[str, Any]) -> Any:
    """Train and forecast up to 1,000 products side by side.

    The answer names their parent: its progress is theirs together, its result says how each ended, and
    cancelling it cancels them. If one of the tasks cannot be done nothing is submitted; `fields` tells the
    problems by the task's place.
    """
    submitted = bulk_tasks.submit(
        body["tasks"],
        current_principal(),
        wishes=body["wishes"],
        idempotency_key=request.headers.get(HEADER),
    )
    return submitted_family(submitted, "tasks")


@blueprint.post("/cancel")
@blueprint.arguments(CancelBody)
@blueprint.response(200, CancelledTasksSchema)
def cancel(body: dict[str, Any]) -> Any:
    """Cancel up to 1,000 tasks: those named, or those a filter finds among the unfinished."""
    outcome = task_registry.cancel_many(
        current_principal(), task_ids=body.get("task_ids"), wanted=body.get("wanted")
    )
    return {"total": len(outcome), "tasks": outcome}
