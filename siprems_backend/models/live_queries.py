"""Named queries of those who follow tasks: many tasks at a time, and never their large columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, case, column, func, select, true
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from siprems_backend.models.tasks import Task, TaskLog

ENDED = ("SUCCESS", "FAILURE", "REVOKED")


class Seen(NamedTuple):
    """What a follower is told of a task."""

    id: UUID
    kind: str
    status: str
    message: str | None
    progress: dict[str, Any] | None
    worker: str | None
    attempts: int
    owner_id: int | None
    parent_id: UUID | None
    error: dict[str, Any] | None
    eta: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


class Line(NamedTuple):
    """One line of a task's log."""

    task_id: UUID
    id: int
    time: datetime
    level: str
    message: str


class Family(NamedTuple):
    """A parent's children: how many are in each state, and how far they are together."""

    by_status: dict[str, int]
    percent: float

    @property
    def total(self) -> int:
        """All children."""
        return sum(self.by_status.values())


_SEEN = tuple(getattr(Task, name) for name in Seen._fields)


def states(session: Session, task_ids: Collection[UUID]) -> dict[UUID, Seen]:
    """These tasks as they are now; without those that no longer exist."""
    rows = session.execute(select(*_SEEN).where(Task.id.in_(task_ids)))
    return {row.id: Seen(*row) for row in rows}


def lines(session: Session, after: Mapping[UUID, int], limit: int) -> dict[UUID, list[Line]]:
    """For each task its lines after the one with this id, in order, at most `limit` of each."""
    wanted = (
        func.unnest(array(after.keys(), type_=Uuid), array(after.values(), type_=BigInteger))
        .table_valued(column("task_id", Uuid), column("after", BigInteger))
        .render_derived()
    )
    rest = (
        select(TaskLog)
        .where(TaskLog.task_id == wanted.c.task_id, TaskLog.id > wanted.c.after)
        .order_by(TaskLog.id)
        .limit(limit)
        .lateral()
    )
    statement = select(rest.c.task_id, rest.c.id, rest.c.time, rest.c.level, rest.c.message)
    found: dict[UUID, list[Line]] = {task_id: [] for task_id in after}
    for row in session.execute(statement.select_from(wanted).join(rest, true()).order_by(rest.c.id)):
        found[row.task_id].append(Line(*row))
    return found


def families(session: Session, parent_ids: Collection[UUID]) -> dict[UUID, Family]:
    """The children of each of these tasks that has any.

    An ended child counts as done, however it ended: this is how far the work is, not how well it went.
    """
    percent = func.coalesce(Task.progress["percent"].as_float(), 0.0)
    done = case((Task.status.in_(ENDED), 100.0), else_=percent)
    statement = (
        select(Task.parent_id, Task.status, func.count(), func.sum(done))
        .where(Task.parent_id.in_(parent_ids))
        .group_by(Task.parent_id, Task.status)
    )
    counts: dict[UUID, dict[str, int]] = {}
    sums: dict[UUID, float] = {}
    for parent_id, status, count, share in session.execute(statement):
        counts.setdefault(parent_id, {})[status] = count
        sums[parent_id] = sums.get(parent_id, 0.0) + share
    return {
        parent_id: Family(by_status, round(sums[parent_id] / sum(by_status.values()), 1))
        for parent_id, by_status in counts.items()
    }
