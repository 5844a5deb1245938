"""The workers over HTTP."""

from __future__ import annotations

from typing import Any

from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import protect
from siprems_backend.routes.schemas.celery import (
    LiveQuery,
    RunningTasksSchema,
    WorkerHealthSchema,
    WorkersSchema,
)
from siprems_backend.services import workers
from siprems_backend.utils.roles import Role

blueprint = Blueprint("celery", __name__, description="Workers and what they do")
PREFIX = "/celery"
protect(blueprint, Role.OPERATOR)


@blueprint.get("/health")
@blueprint.arguments(LiveQuery, location="query")
@blueprint.response(200, WorkerHealthSchema)
def health(query: dict[str, Any]) -> Any:
    """Tell whether any worker lives."""
    return workers.health(live=query["live"])


@blueprint.get("/workers")
@blueprint.arguments(LiveQuery, location="query")
@blueprint.response(200, WorkersSchema)
def list_workers(query: dict[str, Any]) -> Any:
    """List the workers with their own figures."""
    return workers.overview(live=query["live"])


@blueprint.get("/tasks")
@blueprint.arguments(LiveQuery, location="query")
@blueprint.response(200, RunningTasksSchema)
def list_running(query: dict[str, Any]) -> Any:
    """List what the workers are running."""
    return workers.running_tasks(live=query["live"])
