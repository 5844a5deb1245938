"""Named queries of what tasks wrote about their work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from siprems_backend.models.tasks import TaskLog

INSERTION = insert(TaskLog)


def add_logs(session: Session, task_id: UUID, lines: Sequence[tuple[datetime, str, str]]) -> None:
    """Append (time, level, message) lines."""
    if lines:
        session.connection().execute(
            INSERTION,
            [
                {"task_id": task_id, "time": time, "level": level, "message": text}
                for time, level, text in lines
            ],
        )


def logs(session: Session, task_id: UUID, after: int, limit: int) -> list[TaskLog]:
    """Lines of a task after the line with id `after`."""
    statement = (
        select(TaskLog)
        .where(TaskLog.task_id == task_id, TaskLog.id > after)
        .order_by(TaskLog.id)
        .limit(limit)
    )
    return list(session.scalars(statement))
