"""Named queries of the users' own schedules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.orm import Session

from siprems_backend.models.listing import fetch_page
from siprems_backend.models.schedules import Schedule
from siprems_backend.models.tasks import Task
from siprems_backend.models.users import User
from siprems_backend.utils.pagination import Page, PageRequest


class Times(NamedTuple):
    """When a schedule runs."""

    id: int
    cron: str
    timezone: str


class Entry(NamedTuple):
    """A schedule, whose it is, and the status of its last task while the ledger has that."""

    schedule: Schedule
    owner: User
    last_status: str | None


def times(session: Session, *, unpaused: bool = False) -> Sequence[Times]:
    """When each schedule runs, or each that is not paused."""
    statement = select(Schedule.id, Schedule.cron, Schedule.timezone).order_by(Schedule.id)
    if unpaused:
        statement = statement.where(~Schedule.paused)
    return [Times(*row) for row in session.execute(statement)]


def by_id(session: Session, schedule_id: int, *, lock: bool = False) -> Entry | None:
    """One schedule, read again and locked against other changes if wanted."""
    statement = _entries().where(Schedule.id == schedule_id)
    if lock:
        statement = statement.with_for_update(of=Schedule).execution_options(populate_existing=True)
    row = session.execute(statement).one_or_none()
    return None if row is None else _entry(row)


def page(session: Session, request: PageRequest, owner_id: int | None) -> Page[Entry]:
    """Schedules of an owner, or of all, the oldest first."""
    matching = _of(owner_id)
    rows, total = fetch_page(session, matching, [Schedule.id.asc()], request)
    return Page([_entry(row) for row in rows], request.page, request.page_size, total)


def unpaused(session: Session, owner_id: int | None, limit: int) -> Sequence[Entry]:
    """Schedules of an owner, or of all, that are not paused."""
    statement = _of(owner_id).where(~Schedule.paused).order_by(Schedule.id).limit(limit)
    return [_entry(row) for row in session.execute(statement)]


def naming(session: Session, kind: str, argument: str, value: str) -> list[Schedule]:
    """Schedules of a kind of task whose argument has this value, the oldest first."""
    statement = select(Schedule).where(Schedule.kind == kind, Schedule.kwargs[argument].astext == value)
    return list(session.scalars(statement.order_by(Schedule.id)))


def count(session: Session, owner_id: int) -> int:
    """How many schedules a user has."""
    return session.scalar(select(func.count()).where(Schedule.owner_id == owner_id)) or 0


def add(session: Session, values: Mapping[str, Any]) -> Schedule:
    """Add a schedule."""
    schedule = Schedule(**values)
    session.add(schedule)
    session.flush()
    return schedule


def note_run(session: Session, schedule_id: int, task_id: UUID, moment: datetime) -> None:
    """Note which task a schedule started last, and when."""
    session.execute(
        update(Schedule)
        .where(Schedule.id == schedule_id)
        .values(last_run_at=moment, last_task_id=task_id)
        .execution_options(synchronize_session=False)
    )


def _entries() -> Select[Schedule, User, str]:
    return (
        select(Schedule, User, Task.status)
        .join(User, User.id == Schedule.owner_id)
        .outerjoin(Task, Task.id == Schedule.last_task_id)
    )


def _entry(row: Row[Schedule, User, str]) -> Entry:
    schedule, owner, status = row
    return Entry(schedule, owner, status)


def _of(owner_id: int | None) -> Select[Schedule, User, str]:
    return _entries() if owner_id is None else _entries().where(Schedule.owner_id == owner_id)
