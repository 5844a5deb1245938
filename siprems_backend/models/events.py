"""Named dates with an effect on demand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Date, String, UniqueConstraint, delete, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from siprems_backend.models.base import Base, BigKey, CreatedAt
from siprems_backend.models.listing import fetch_page, ordering
from siprems_backend.utils.pagination import Page, PageRequest


class Event(Base):
    """A holiday, promotion, festival or closure on one day."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("name", "date"),)

    id: Mapped[BigKey]
    name: Mapped[str] = mapped_column(String(200))
    date: Mapped[dt.date] = mapped_column(Date, index=True)
    type: Mapped[str] = mapped_column(String(40), server_default="event")
    description: Mapped[str | None] = mapped_column(String(1000))
    country: Mapped[str | None] = mapped_column(String(8))
    include_in_prediction: Mapped[bool] = mapped_column(Boolean, server_default=true())
    created_at: Mapped[CreatedAt]


class NameTaken(Exception):
    """Two events of one name on one date."""


SORTABLE = {"id": Event.id, "date": Event.date, "name": Event.name, "type": Event.type}


def by_id(session: Session, event_id: int) -> Event | None:
    """The event with this id."""
    return session.get(Event, event_id)


def page(
    session: Session,
    request: PageRequest,
    sort: str,
    *,
    date_from: dt.date | None = None,
    date_to: dt.date | None = None,
    kind: str | None = None,
    country: str | None = None,
    include_in_prediction: bool | None = None,
    search: str | None = None,
) -> Page[Event]:
    """Events that match all filters given; both dates belong to the range, `search` is part of a name."""
    matching = select(Event)
    if date_from is not None:
        matching = matching.where(Event.date >= date_from)
    if date_to is not None:
        matching = matching.where(Event.date <= date_to)
    if kind is not None:
        matching = matching.where(Event.type == kind)
    if country is not None:
        matching = matching.where(Event.country == country)
    if include_in_prediction is not None:
        matching = matching.where(Event.include_in_prediction == include_in_prediction)
    if search:
        matching = matching.where(Event.name.icontains(search, autoescape=True))
    rows, total = fetch_page(session, matching, ordering(sort, SORTABLE, Event.id), request)
    return Page([row[0] for row in rows], request.page, request.page_size, total)


def add_if_new(session: Session, values: Mapping[str, Any]) -> Event | None:
    """Add an event; None when its name and date are taken."""
    statement = insert(Event).values(**values).on_conflict_do_nothing(index_elements=["name", "date"])
    return session.execute(statement.returning(Event)).scalar_one_or_none()


def add_missing(session: Session, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add those events whose name and date are not there yet; how many those were."""
    if not rows:
        return 0
    statement = insert(Event).values(list(rows)).on_conflict_do_nothing(index_elements=["name", "date"])
    return len(session.execute(statement.returning(Event.id)).all())


def replace(session: Session, event_id: int, values: Mapping[str, Any]) -> Event | None:
    """Change the event; None when there is none.

    Raises:
        NameTaken: when another event has its new name and date; nothing was changed then.
    """
    statement = update(Event).where(Event.id == event_id).values(**values).returning(Event)
    try:
        with session.begin_nested():
            return session.execute(statement).scalar_one_or_none()
    except IntegrityError as error:
        raise NameTaken from error


def remove(session: Session, event_id: int) -> bool:
    """Delete the event; False when there is none."""
    removed = session.execute(delete(Event).where(Event.id == event_id).returning(Event.id))
    return removed.first() is not None
