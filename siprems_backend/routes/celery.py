"""The workers over HTTP."""

from __future__ import annotations

from typing import Any

from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import protect
from siprems_backend.routes.schemas.celery import RunningTasksSchema, WorkerHealthSchema, WorkersSchema
from siprems_backend.services import workers
from siprems_backend.utils.roles import Role

blueprint = Blueprint("celery", __name__, description="Workers and what they do")
PREFIX = "/celery"
protect(blueprint, Role.OPERATOR)


@blueprint.get("/health")
@blueprint.response(200, WorkerHealthSchema)
def health() -> Any:
    """Ask whether any worker answers."""
    return workers.health()


@blueprint.get("/workers")
@blueprint.response(200, WorkersSchema)
def list_workers() -> Any:
    """List the workers with their own figures."""
    return workers.overview()


@blueprint.get("/tasks")
@blueprint.response(200, RunningTasksSchema)
def list_running() -> Any:
    """List what the workers say they are running."""
    return workers.running_tasks()
