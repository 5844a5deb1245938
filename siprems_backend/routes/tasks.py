"""The ledger over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, jsonify, request

from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.event_streams import MIMETYPE, access_of_this_request, event_stream
from siprems_backend.routes.guards import current_principal, protect, requires
from siprems_backend.routes.idempotent import HEADER, submits_once
from siprems_backend.routes.schemas.celery import LiveQuery, WorkerHealthSchema
from siprems_backend.routes.schemas.delivery import WishesBody
from siprems_backend.routes.schemas.predict import NoBody
from siprems_backend.routes.schemas.tasks import (
    ActiveTasksSchema,
    CancelledSchema,
    CancelQuery,
    ChildrenQuery,
    LastEventHeader,
    LogsQuery,
    LogsSchema,
    ResultSchema,
    ScheduledTasksSchema,
    StatisticsSchema,
    SubmittedSchema,
    TaskDocumentSchema,
    TaskPageSchema,
    TaskQuery,
)
from siprems_backend.routes.submissions import submitted_body
from siprems_backend.services import (
    catalogue,
    live_updates,
    prediction_requests,
    task_registry,
    upcoming,
    workers,
)
from siprems_backend.services.task_registry import states
from siprems_backend.utils.roles import Role

blueprint = Blueprint("tasks", __name__, description="Asynchronous work: submit, follow, cancel, retry")
PREFIX = "/tasks"
protect(blueprint, Role.VIEWER)


@blueprint.get("")
@blueprint.arguments(TaskQuery, location="query")
@blueprint.response(200, TaskPageSchema)
def list_tasks(query: dict[str, Any]) -> Any:
    """List your tasks; operators see everybody's."""
    wanted = task_registry.TaskFilter(
        owner_id=query.get("owner"),
        statuses=[query["status"]] if "status" in query else None,
        kinds=[query["kind"]] if "kind" in query else None,
        parent_id=query.get("parent_id"),
        request_id=query.get("request_id"),
        created_after=query.get("created_after"),
        created_before=query.get("created_before"),
    )
    return task_registry.listing(wanted, query["request"], query["sort"], current_principal())


@blueprint.post("/training/product/<sku:sku>")
@requires(Role.ANALYST)
@submits_once
@blueprint.arguments(WishesBody, required=False)
@blueprint.response(202, SubmittedSchema)
def train_product(body: dict[str, Any], sku: str) -> Any:
    """Train one product's model."""
    sku = catalogue.clean_sku(sku)
    submitted = prediction_requests.submit_training(
        sku, current_principal(), wishes=body["wishes"], idempotency_key=request.headers.get(HEADER)
    )
    return submitted_body(submitted, f"Training task submitted for {sku}", product_sku=sku)


@blueprint.post("/training/all")
@requires(Role.ANALYST)
@submits_once
@blueprint.arguments(WishesBody, required=False)
@blueprint.response(202, SubmittedSchema)
def train_all(body: dict[str, Any]) -> Any:
    """Train every product whose data changed."""
    submitted = prediction_requests.submit_training_of_all(
        current_principal(), wishes=body["wishes"], idempotency_key=request.headers.get(HEADER)
    )
    return submitted_body(submitted, "Training task submitted for all products")


@blueprint.get("/active")
@blueprint.response(200, ActiveTasksSchema)
def active() -> Any:
    """List the tasks that are being worked on."""
    tasks = [task._asdict() for task in task_registry.running(current_principal())]
    # As it is: dumping hundreds of tasks through the schema takes longer than finding them. Tests hold the
    # answer against the schema instead.
    return jsonify(active_tasks=tasks)


@blueprint.get("/scheduled")
@blueprint.response(200, ScheduledTasksSchema)
def scheduled() -> Any:
    """List waiting tasks, and the next run of every Beat entry."""
    return jsonify(scheduled_tasks=upcoming.scheduled(current_principal()))


@blueprint.get("/celery/status")
@requires(Role.OPERATOR)
@blueprint.arguments(LiveQuery, location="query")
@blueprint.response(200, WorkerHealthSchema)
def celery_status(query: dict[str, Any]) -> Any:
    """Tell whether any worker lives; the same as `/celery/health`."""
    return workers.health(live=query["live"])


@blueprint.get("/statistics/overview")
@requires(Role.OPERATOR)
@blueprint.response(200, StatisticsSchema)
def statistics() -> Any:
    """Figures of the last 24 hours."""
    return task_registry.statistics()


@blueprint.get("/<uuid:task_id>")
@blueprint.response(200, TaskDocumentSchema)
@blueprint.alt_response(202, schema=TaskDocumentSchema, description="Nobody has started it yet")
def get(task_id: UUID) -> Any:
    """Show one task."""
    return _document(task_id)


@blueprint.get("/<uuid:task_id>/status")
@blueprint.response(200, TaskDocumentSchema)
@blueprint.alt_response(202, schema=TaskDocumentSchema, description="Nobody has started it yet")
def status(task_id: UUID) -> Any:
    """Show one task; the same as without `/status`."""
    return _document(task_id)


@blueprint.get("/<uuid:task_id>/result")
@blueprint.response(200, ResultSchema)
@blueprint.alt_response(202, schema=ResultSchema, description="Not finished yet")
def result(task_id: UUID) -> Any:
    """Show the outcome of a task."""
    task = task_registry.get(task_id, current_principal())
    if task.status == states.SUCCESS:
        return {"success": True, "state": task.status, "result": task.result}
    if task.status in states.TERMINAL:
        error = task.error or {"type": task.status, "message": task.message}
        return {"success": False, "state": task.status, "error": error}
    return {"success": False, "state": task.status, "message": task.message}, 202


@blueprint.get("/<uuid:task_id>/logs")
@blueprint.arguments(LogsQuery, location="query")
@blueprint.response(200, LogsSchema)
def logs(query: dict[str, Any], task_id: UUID) -> Any:
    """Show what a task wrote about its work."""
    return {"task_id": task_id, "logs": task_registry.log_lines(task_id, current_principal(), query["after"])}


@blueprint.get("/<uuid:task_id>/events")
@blueprint.arguments(LastEventHeader, location="headers")
@blueprint.arguments(LogsQuery, location="query")
@blueprint.response(200, {"type": "string"}, content_type=MIMETYPE)
def events(header: dict[str, Any], query: dict[str, Any], task_id: UUID) -> Any:
    """Follow a task by server-sent events.

    `state`, `progress` and `log` tell what the task is, how far it is and what it writes: first as it is now,
    then as it changes. The stream ends with the final `state`, or with `end`, whose `reason` says why it
    ended before. Whoever comes back with the id of the last event (`Last-Event-ID`, or `after`) gets every
    log line since, and none again.
    """
    after = max(header["last_event_id"], query["after"])
    if request.method == "HEAD":
        task_registry.get(task_id, current_principal())
        return Response(content_type=MIMETYPE)
    return event_stream(live_updates.open_stream(task_id, access_of_this_request(), after=after))


@blueprint.get("/<uuid:task_id>/children")
@blueprint.arguments(ChildrenQuery, location="query")
@blueprint.response(200, TaskPageSchema)
def children(query: dict[str, Any], task_id: UUID) -> Any:
    """List the tasks that a task left its work to."""
    statuses = [query["status"]] if "status" in query else None
    return task_registry.children(task_id, statuses, query["request"], query["sort"], current_principal())


@blueprint.post("/<uuid:task_id>/cancel")
@blueprint.arguments(NoBody, required=False)
@blueprint.response(200, CancelledSchema)
def cancel(_body: dict[str, Any], task_id: UUID) -> Any:
    """Cancel a task: at once if it waits, at its next step if it runs."""
    return _cancelled(task_id, terminate=False)


@blueprint.delete("/<uuid:task_id>")
@blueprint.arguments(CancelQuery, location="query")
@blueprint.response(200, CancelledSchema)
def delete(query: dict[str, Any], task_id: UUID) -> Any:
    """Cancel a task; operators may also kill its process."""
    return _cancelled(task_id, terminate=query["terminate"])


@blueprint.post("/<uuid:task_id>/retry")
@requires(Role.ANALYST)
@submits_once
@blueprint.arguments(NoBody, required=False)
@blueprint.response(202, SubmittedSchema)
def retry(_body: dict[str, Any], task_id: UUID) -> Any:
    """Run a failed or cancelled task again, as a new task."""
    submitted = task_registry.retry(task_id, current_principal(), idempotency_key=request.headers.get(HEADER))
    return submitted_body(submitted, f"Task submitted again; it follows {task_id}")


def _document(task_id: UUID) -> Any:
    details = task_registry.details(task_id, current_principal())
    return details, (202 if details.task.status == states.PENDING else 200)


def _cancelled(task_id: UUID, *, terminate: bool) -> dict[str, Any]:
    message = task_registry.cancel(task_id, current_principal(), terminate=terminate)
    return {"task_id": task_id, "status": "cancelled", "message": message}
