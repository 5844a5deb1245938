"""Named queries of the messages of tasks: which wait without one, and whose worker is gone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, or_, select, update
from sqlalchemy.orm import Session

from siprems_backend.models.tasks import Task


def due(session: Session, now: datetime, limit: int) -> list[Task]:
    """Waiting tasks whose time has come and whose message was not sent yet, the most urgent first."""
    statement = (
        select(Task)
        .where(
            Task.status.in_(("PENDING", "RETRY")),
            Task.enqueued_at.is_(None),
            or_(Task.eta.is_(None), Task.eta <= now),
        )
        .order_by(Task.priority.desc(), Task.created_at)
        .limit(limit)
    )
    return list(session.scalars(statement))


def startable(session: Session, now: datetime, limit: int) -> list[Task]:
    """Waiting tasks whose time has come and is not over, the most urgent first, sent or not."""
    statement = (
        select(Task)
        .where(
            Task.status.in_(("PENDING", "RETRY")),
            or_(Task.eta.is_(None), Task.eta <= now),
            or_(Task.expires_at.is_(None), Task.expires_at > now),
        )
        .order_by(Task.priority.desc(), Task.created_at)
        .limit(limit)
    )
    return list(session.scalars(statement))


def sent_before(
    session: Session,
    queue: str,
    before: datetime,
    *,
    now: datetime,
    first_pause_s: float,
    longest_pause_s: float,
) -> list[Task]:
    """Waiting tasks of a queue whose message was sent before then; after every sending twice as long ago."""
    pause = func.least(first_pause_s * func.power(2.0, func.least(Task.sends, 20) - 1), longest_pause_s)
    statement = (
        select(Task)
        .where(
            Task.status.in_(("PENDING", "RETRY")),
            Task.queue == queue,
            Task.enqueued_at < before,
            Task.enqueued_at < literal(now) - func.make_interval(0, 0, 0, 0, 0, 0, pause),
        )
        .order_by(Task.created_at)
        .limit(500)
    )
    return list(session.scalars(statement))


def enqueued_at(session: Session, task_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When the messages of these tasks were sent last."""
    statement = select(Task.id, Task.enqueued_at).where(Task.id.in_(task_ids), Task.enqueued_at.is_not(None))
    return {task_id: moment for task_id, moment in session.execute(statement) if moment is not None}


def queues_with_waiting(session: Session) -> list[str]:
    """Queues that sent tasks wait in."""
    statement = select(Task.queue).where(Task.status.in_(("PENDING", "RETRY")), Task.enqueued_at.is_not(None))
    return list(session.scalars(statement.distinct()))


def mark_all_unsent(session: Session) -> int:
    """Say of all waiting tasks that their messages are not sent: the broker has lost them; how many."""
    return _unsent(session, Task.enqueued_at.is_not(None))


def mark_unsent(session: Session, task_ids: Collection[UUID]) -> int:
    """Say of these tasks, where they still wait, that their messages are not sent; how many."""
    return _unsent(session, Task.id.in_(task_ids))


def _unsent(session: Session, condition: ColumnElement[bool]) -> int:
    statement = (
        update(Task)
        .where(Task.status.in_(("PENDING", "RETRY")), condition)
        .values(enqueued_at=None)
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(statement).all())


def mark_sent(session: Session, task_ids: Collection[UUID], now: datetime) -> None:
    """Note that the messages of these tasks were handed to the broker."""
    session.execute(
        update(Task)
        .where(Task.id.in_(task_ids))
        .values(enqueued_at=now, sends=Task.sends + 1)
        .execution_options(synchronize_session=False)
    )


def lease_expired(session: Session, now: datetime, limit: int) -> list[Task]:
    """Running tasks whose worker has not been heard of in time."""
    statement = (
        select(Task)
        .where(Task.status.in_(("STARTED", "PROGRESS")), Task.lease_expires_at < now)
        .order_by(Task.lease_expires_at)
        .limit(limit)
    )
    return list(session.scalars(statement))


def silent(session: Session, worker: str, since: datetime) -> list[Task]:
    """Running tasks of a worker that have not been renewed since then."""
    running = Task.status.in_(("STARTED", "PROGRESS")) & Task.lease_id.is_not(None)
    return list(
        session.scalars(select(Task).where(running, Task.worker == worker, Task.heartbeat_at < since))
    )
