"""Named queries that count what the ledger holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from siprems_backend.models.tasks import Task


def statistics(session: Session, since: datetime) -> list[tuple[str, str, int, float | None, float | None]]:
    """(kind, status, count, median seconds, 95th percentile of seconds) of tasks made since then."""
    seconds = func.extract("epoch", Task.finished_at - Task.started_at)
    statement = (
        select(
            Task.kind,
            Task.status,
            func.count(),
            func.percentile_cont(0.5).within_group(seconds),
            func.percentile_cont(0.95).within_group(seconds),
        )
        .where(Task.created_at >= since)
        .group_by(Task.kind, Task.status)
    )
    return [tuple(row) for row in session.execute(statement)]


def durations(session: Session, since: datetime) -> tuple[float | None, float | None, int]:
    """(median seconds, 95th percentile, finished tasks) over all kinds."""
    seconds = func.extract("epoch", Task.finished_at - Task.started_at)
    statement = select(
        func.percentile_cont(0.5).within_group(seconds),
        func.percentile_cont(0.95).within_group(seconds),
        func.count(),
    ).where(Task.created_at >= since, Task.finished_at.is_not(None))
    median, high, count = session.execute(statement).one()
    return median, high, count


def started_late(session: Session, since: datetime, allowances: dict[str, float]) -> int:
    """How many tasks waited longer than their queue allows, in seconds."""
    waited = func.extract("epoch", func.coalesce(Task.started_at, func.now()) - Task.created_at)
    late = [and_(Task.queue == queue, waited > seconds) for queue, seconds in allowances.items()]
    # What was cancelled before it started did not wait for us.
    counted = or_(Task.started_at.is_not(None), Task.status == "PENDING")
    return session.scalar(select(func.count()).where(Task.created_at >= since, counted, or_(*late))) or 0


def oldest_waiting(session: Session) -> datetime | None:
    """When the task that has waited longest was made."""
    return session.scalar(select(func.min(Task.created_at)).where(Task.status == "PENDING"))
