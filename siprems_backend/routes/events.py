"""Events."""

from __future__ import annotations

from typing import Any

from siprems_backend.extensions.web import ErrorSchema
from siprems_backend.routes.blueprints import Blueprint
from siprems_backend.routes.guards import protect, requires
from siprems_backend.routes.idempotent import idempotent
from siprems_backend.routes.schemas.events import (
    AddedHolidaysSchema,
    CountryHolidaysSchema,
    EventPageSchema,
    EventQuerySchema,
    EventSchema,
    NewEventSchema,
)
from siprems_backend.services import country_holidays, events
from siprems_backend.utils.roles import Role

PREFIX = "/events"
ONE_EVENT = f"/<int(max={2**63 - 1}):event_id>"
blueprint = Blueprint(
    "events",
    __name__,
    description="Named dates with an effect on demand. Reading takes the role viewer, changing analyst.",
)
protect(blueprint, Role.VIEWER)


@blueprint.get("")
@blueprint.arguments(EventQuerySchema, location="query")
@blueprint.response(200, EventPageSchema)
def list_events(query: dict[str, Any]) -> Any:
    """Events that match all filters."""
    return events.list_events(**query)


@blueprint.post("")
@requires(Role.ANALYST)
@idempotent
@blueprint.arguments(NewEventSchema)
@blueprint.response(201, EventSchema)
@blueprint.alt_response(409, schema=ErrorSchema, description="Name and date are taken (`event_exists`)")
def create_event(values: dict[str, Any]) -> Any:
    """Add an event."""
    return events.create(values)


@blueprint.post("/country-holidays")
@requires(Role.ANALYST)
@idempotent
@blueprint.arguments(CountryHolidaysSchema)
@blueprint.response(200, AddedHolidaysSchema)
def add_country_holidays(values: dict[str, Any]) -> Any:
    """Make events of the public holidays of a country; those that are there already stay as they are."""
    return country_holidays.add(**values)


@blueprint.get(ONE_EVENT)
@blueprint.response(200, EventSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`event_not_found`")
def get_event(event_id: int) -> Any:
    """One event."""
    return events.get(event_id)


@blueprint.put(ONE_EVENT)
@requires(Role.ANALYST)
@blueprint.arguments(NewEventSchema)
@blueprint.response(200, EventSchema)
@blueprint.alt_response(404, schema=ErrorSchema, description="`event_not_found`")
@blueprint.alt_response(409, schema=ErrorSchema, description="Name and date are taken (`event_exists`)")
def replace_event(values: dict[str, Any], event_id: int) -> Any:
    """Replace an event; fields that are not given get their defaults."""
    return events.replace(event_id, values)


@blueprint.delete(ONE_EVENT)
@requires(Role.ANALYST)
@blueprint.response(204)
@blueprint.alt_response(404, schema=ErrorSchema, description="`event_not_found`")
def delete_event(event_id: int) -> None:
    """Delete an event."""
    events.remove(event_id)
