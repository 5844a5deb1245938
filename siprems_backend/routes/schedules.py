"""Users' schedules."""

from __future__ import annotations

from typing import Any

from flask import request

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import current_principal, protect
from siprems_backend.routes.idempotent import HEADER, idempotent, submits_once
from siprems_backend.routes.schemas.predict import NoBody
from siprems_backend.routes.schemas.schedules import (
    LARGEST_ID,
    NewScheduleSchema,
    ScheduleChangesSchema,
    SchedulePageSchema,
    ScheduleQuerySchema,
    ScheduleSchema,
)
from siprems_backend.routes.schemas.tasks import SubmittedSchema
from siprems_backend.routes.submissions import submitted_body
from siprems_backend.services import schedules
from siprems_backend.utils.roles import Role

PREFIX = "/schedules"
ONE = f"/<int(max={LARGEST_ID}):schedule_id>"
NOT_FOUND = "`schedule_not_found`"
blueprint = Blueprint(
    "schedules",
    __name__,
    description="What you want done regularly. The tasks are yours; operators see and manage everybody's.",
)
protect(blueprint, Role.ANALYST)


@blueprint.get("")
@blueprint.arguments(ScheduleQuerySchema, location="query")
@blueprint.response(200, SchedulePageSchema)
def list_schedules(query: dict[str, Any]) -> Any:
    """List your schedules; operators see everybody's."""
    return schedules.listing(query["request"], current_principal(), query.get("owner"))


@blueprint.post("")
@idempotent
@blueprint.arguments(NewScheduleSchema)
@blueprint.response(201, ScheduleSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`product_not_found`")
@blueprint.alt_response(409, schema=ErrorSchema, description="`too_many_schedules`")
def create_schedule(values: dict[str, Any]) -> Any:
    """Add a schedule; it runs from its next time on."""
    return schedules.create(values, current_principal())


@blueprint.get(ONE)
@blueprint.response(200, ScheduleSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
def get_schedule(schedule_id: int) -> Any:
    """One schedule."""
    return schedules.get(schedule_id, current_principal())


@blueprint.patch(ONE)
@blueprint.arguments(ScheduleChangesSchema)
@blueprint.response(200, ScheduleSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=f"{NOT_FOUND}, `product_not_found`")
def change_schedule(values: dict[str, Any], schedule_id: int) -> Any:
    """Change fields of a schedule; with another time it runs from its next time on."""
    return schedules.change(schedule_id, values, current_principal())


@blueprint.delete(ONE)
@blueprint.response(204)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
def delete_schedule(schedule_id: int) -> None:
    """Delete a schedule; tasks that it started go on."""
    schedules.remove(schedule_id, current_principal())


@blueprint.post(f"{ONE}/pause")
@blueprint.arguments(NoBody, required=False)
@blueprint.response(200, ScheduleSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
def pause_schedule(_body: dict[str, Any], schedule_id: int) -> Any:
    """Start nothing by this schedule until it is resumed."""
    return schedules.pause(schedule_id, current_principal())


@blueprint.post(f"{ONE}/resume")
@blueprint.arguments(NoBody, required=False)
@blueprint.response(200, ScheduleSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
def resume_schedule(_body: dict[str, Any], schedule_id: int) -> Any:
    """Follow a schedule again, from its next time on."""
    return schedules.resume(schedule_id, current_principal())


@blueprint.post(f"{ONE}/run")
@submits_once
@blueprint.arguments(NoBody, required=False)
@blueprint.response(202, SubmittedSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description=NOT_FOUND)
@blueprint.alt_response(409, schema=ErrorSchema, description="It must not run (`schedule_blocked`)")
def run_schedule(_body: dict[str, Any], schedule_id: int) -> Any:
    """Run a schedule's task once, now, for its owner."""
    key = request.headers.get(HEADER)
    submitted = schedules.run_now(schedule_id, current_principal(), idempotency_key=key)
    return submitted_body(submitted, f"Task of schedule {schedule_id} submitted")
