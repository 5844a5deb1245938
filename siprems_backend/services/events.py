"""Events: named dates with an effect on demand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from siprems_backend.errors import Conflict, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import events
from siprems_backend.models.events import Event
from siprems_backend.utils.pagination import Page, PageRequest

# What an event that is replaced has when the request does not say.
UNSAID: Mapping[str, Any] = {
    "type": "event",
    "description": None,
    "country": None,
    "include_in_prediction": True,
}


def list_events(
    request: PageRequest,
    sort: str = "date",
    *,
    date_from: date | None = None,
    date_to: date | None = None,
    kind: str | None = None,
    country: str | None = None,
    include_in_prediction: bool | None = None,
    search: str | None = None,
) -> Page[Event]:
    """Events that match all filters given."""
    with database.reading() as session:
        return events.page(
            session,
            request,
            sort,
            date_from=date_from,
            date_to=date_to,
            kind=kind,
            country=country,
            include_in_prediction=include_in_prediction,
            search=search,
        )


def get(event_id: int) -> Event:
    """The event with this id.

    Raises:
        NotFound: when there is none.
    """
    with database.reading() as session:
        event = events.by_id(session, event_id)
    if event is None:
        raise _unknown(event_id)
    return event


def create(values: Mapping[str, Any]) -> Event:
    """Add an event.

    Raises:
        Conflict: when there is one of this name on this date.
    """
    with database.transaction() as session:
        event = events.add_if_new(session, {**UNSAID, **values})
    if event is None:
        raise _taken(values)
    return event


def replace(event_id: int, values: Mapping[str, Any]) -> Event:
    """Give the event these values, and the usual ones for what is not said.

    Raises:
        NotFound: when there is no such event.
        Conflict: when another event has this name and date.
    """
    try:
        with database.transaction() as session:
            event = events.replace(session, event_id, {**UNSAID, **values})
    except events.NameTaken:
        raise _taken(values) from None
    if event is None:
        raise _unknown(event_id)
    return event


def remove(event_id: int) -> None:
    """Delete the event.

    Raises:
        NotFound: when there is none.
    """
    with database.transaction() as session:
        if not events.remove(session, event_id):
            raise _unknown(event_id)


def _unknown(event_id: int) -> NotFound:
    return NotFound(f"No event with id {event_id}.", code="event_not_found")


def _taken(values: Mapping[str, Any]) -> Conflict:
    return Conflict(
        f"There is an event named '{values['name']}' on {values['date']} already.", code="event_exists"
    )
