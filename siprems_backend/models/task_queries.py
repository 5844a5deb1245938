"""Named queries of the ledger. Every change of state is a compare-and-swap."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session, defer

from siprems_backend.models import task_sessions
from siprems_backend.models.task_changes import CHANGED_COLUMNS, Changed
from siprems_backend.models.tasks import Task
from siprems_backend.utils.pagination import Page, PageRequest


@dataclass(frozen=True)
class TaskFilter:
    """Which tasks to list; None means any."""

    owner_id: int | None = None
    statuses: Collection[str] | None = None
    kinds: Collection[str] | None = None
    parent_id: UUID | None = None
    request_id: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


def by_id(session: Session, task_id: UUID, *, lock: bool = False) -> Task | None:
    """The task's row, locked against other changes if wanted."""
    return session.get(Task, task_id, with_for_update=lock, populate_existing=lock)


def by_idempotency_key(session: Session, owner_id: int | None, kind: str, key: str) -> Task | None:
    """The task that an earlier request of this owner with this key made."""
    return session.scalar(
        select(Task).where(
            func.coalesce(Task.owner_id, 0) == (owner_id or 0),
            Task.kind == kind,
            Task.idempotency_key == key,
        )
    )


def add_many(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows at once, leaving out those whose id exists."""
    if rows:
        session.execute(upsert(Task).on_conflict_do_nothing(), list(rows))


def exists(session: Session, task_id: UUID) -> bool:
    """Whether the ledger has this task."""
    return session.scalar(select(Task.id).where(Task.id == task_id)) is not None


def visible_to(session: Session, task_id: UUID, owner_id: int | None) -> bool:
    """Whether the ledger has this task, and it is this owner's unless None."""
    statement = select(Task.id).where(Task.id == task_id)
    if owner_id is not None:
        statement = statement.where(Task.owner_id == owner_id)
    return session.scalar(statement) is not None


def those_in(session: Session, task_ids: Collection[UUID], statuses: Collection[str]) -> set[UUID]:
    """Those of these tasks that are in one of these states."""
    statement = select(Task.id).where(Task.id.in_(task_ids), Task.status.in_(statuses))
    return set(session.scalars(statement))


def is_cancelled(session: Session, task_id: UUID) -> bool:
    """Whether somebody has asked for the task to stop."""
    statement = select(Task.id).where(Task.id == task_id, Task.cancel_requested_at.is_not(None))
    return session.scalar(statement) is not None


def held(session: Session, task_id: UUID, lease_id: UUID) -> bool:
    """Whether the lease still holds; nobody can take the task over before the transaction ends.

    Unless it does not end because its process stands still: the session is named, so that it can be ended.
    """
    statement = select(Task.id, task_sessions.named(lease_id)).where(
        Task.id == task_id, Task.lease_id == lease_id
    )
    return session.scalar(statement.with_for_update(read=True)) is not None


def request_cancel(session: Session, task_ids: Collection[UUID], now: datetime) -> None:
    """Ask running tasks to stop at their next report."""
    session.execute(
        update(Task)
        .where(Task.id.in_(task_ids), Task.cancel_requested_at.is_(None))
        .values(cancel_requested_at=now)
        .execution_options(synchronize_session=False)
    )


def revoke_waiting(
    session: Session, condition: ColumnElement[bool], now: datetime, message: str
) -> list[Changed]:
    """End tasks that nobody has started; which."""
    statement = (
        update(Task)
        .where(condition, Task.status.in_(("PENDING", "RETRY")))
        .values(status="REVOKED", message=message, cancel_requested_at=now, finished_at=now)
        .returning(*CHANGED_COLUMNS)
        .execution_options(synchronize_session=False)
    )
    return [Changed(*row) for row in session.execute(statement)]


def with_id(task_id: UUID) -> ColumnElement[bool]:
    """Condition: this task."""
    return Task.id == task_id


def children_of(parent_id: UUID) -> ColumnElement[bool]:
    """Condition: the children of this task."""
    return Task.parent_id == parent_id


def with_children(task_ids: Collection[UUID]) -> ColumnElement[bool]:
    """Condition: one of these tasks or of their children."""
    return or_(Task.id.in_(task_ids), Task.parent_id.in_(task_ids))


def found(
    session: Session, wanted: TaskFilter, task_ids: Collection[UUID] | None, limit: int
) -> list[tuple[UUID, str, UUID | None]]:
    """(id, status, parent) of the tasks that pass the filter (and are among these), the latest first."""
    statement = select(Task.id, Task.status, Task.parent_id).where(*_conditions(wanted))
    if task_ids is not None:
        statement = statement.where(Task.id.in_(task_ids))
    rows = session.execute(statement.order_by(Task.created_at.desc(), Task.id).limit(limit))
    return [(task_id, status, parent_id) for task_id, status, parent_id in rows]


def running_among(session: Session, condition: ColumnElement[bool]) -> list[UUID]:
    """Tasks that meet the condition and are being worked on."""
    statement = select(Task.id).where(condition, Task.status.in_(("STARTED", "PROGRESS")))
    return list(session.scalars(statement))


def children(session: Session, parent_id: UUID, *, results: bool = True) -> list[Task]:
    """The children of a task, in the order they were made; without their results if these are not needed."""
    statement = select(Task).where(Task.parent_id == parent_id).order_by(Task.created_at, Task.id)
    if not results:
        statement = statement.options(defer(Task.result, raiseload=True))
    return list(session.scalars(statement))


def unsent_children(session: Session, parent_id: UUID) -> list[Task]:
    """Waiting children of a task whose messages were not sent yet, the most urgent first."""
    statement = (
        select(Task)
        .where(
            Task.parent_id == parent_id,
            Task.status.in_(("PENDING", "RETRY")),
            Task.enqueued_at.is_(None),
            Task.eta.is_(None),
        )
        .order_by(Task.priority.desc(), Task.created_at, Task.id)
    )
    return list(session.scalars(statement))


def child_states(session: Session, parent_id: UUID) -> dict[str, int]:
    """How many children are in which state."""
    rows = session.execute(
        select(Task.status, func.count()).where(Task.parent_id == parent_id).group_by(Task.status)
    )
    return dict(rows.all())


def page(session: Session, wanted: TaskFilter, request: PageRequest, sort: str) -> Page[Task]:
    """One page of the ledger."""
    conditions = _conditions(wanted)
    total = session.scalar(select(func.count()).select_from(Task).where(*conditions)) or 0
    rows = session.scalars(
        select(Task)
        .where(*conditions)
        .order_by(_order(sort), Task.id)
        .offset(request.offset)
        .limit(request.page_size)
        # They may be long, and lists do not show them.
        .options(defer(Task.result, raiseload=True), defer(Task.traceback, raiseload=True))
    )
    return Page(list(rows), request.page, request.page_size, total)


def _order(sort: str) -> ColumnElement[Any]:
    """The order by a column, falling with `-` in front; tasks without a value come last."""
    column = getattr(Task, sort.removeprefix("-"))
    order = column.desc() if sort.startswith("-") else column.asc()
    # The others always have a value, and their indexes are of use only without this.
    return order.nulls_last() if column is Task.finished_at else order


def _conditions(wanted: TaskFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.owner_id is not None:
        conditions.append(Task.owner_id == wanted.owner_id)
    if wanted.statuses:
        conditions.append(Task.status.in_(wanted.statuses))
    if wanted.kinds:
        conditions.append(Task.kind.in_(wanted.kinds))
    if wanted.parent_id is not None:
        conditions.append(Task.parent_id == wanted.parent_id)
    if wanted.request_id is not None:
        conditions.append(Task.request_id == wanted.request_id)
    if wanted.created_after is not None:
        conditions.append(Task.created_at >= wanted.created_after)
    if wanted.created_before is not None:
        conditions.append(Task.created_at < wanted.created_before)
    return conditions


def expired(now: datetime) -> ColumnElement[bool]:
    """Condition: nobody needs it any more."""
    return Task.expires_at < now


def parents_to_join(session: Session, kinds: Collection[str]) -> list[UUID]:
    """Running fan-outs all of whose children have ended."""
    child = Task.__table__.alias("child")
    active = select(child.c.id).where(
        child.c.parent_id == Task.id, child.c.status.in_(("PENDING", "RETRY", "STARTED", "PROGRESS"))
    )
    any_child = select(child.c.id).where(child.c.parent_id == Task.id)
    statement = select(Task.id).where(
        Task.kind.in_(kinds), Task.status == "PROGRESS", any_child.exists(), ~active.exists()
    )
    return list(session.scalars(statement))


def delete_finished(session: Session, before: datetime, kinds: Collection[str] | None = None) -> int:
    """Forget tasks (of these kinds) that ended before then, children with their parents; how many."""
    statement = delete(Task).where(Task.finished_at < before, Task.parent_id.is_(None))
    if kinds is not None:
        statement = statement.where(Task.kind.in_(kinds))
    finished = statement.returning(Task.id).execution_options(synchronize_session=False)
    return len(session.execute(finished).all())


def database_time(session: Session) -> datetime:
    """What the database's clock says."""
    return session.execute(select(func.now())).scalar_one()
