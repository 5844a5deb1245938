"""Named queries that show many tasks at once, without the columns that may be long."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Executable, bindparam, case, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from siprems_backend.models.tasks import Task

# Bytes; longer arguments are summed up.
SHORT_ARGUMENTS = 1000
LONGEST_CHAIN = 100


class Overview(NamedTuple):
    """A task in a list of what is going on."""

    task_id: UUID
    task_name: str
    status: str
    worker: str | None
    args: dict[str, Any]
    created_at: datetime
    started_at: datetime | None
    eta: datetime | None
    progress: dict[str, Any] | None
    queue: str
    priority: int
    parent_id: UUID | None
    owner: int | None


class Running(NamedTuple):
    """A task in the hands of a worker."""

    task_id: UUID
    task_name: str
    worker: str
    started_at: datetime | None


class Attempt(NamedTuple):
    """An earlier task that a task was submitted to repeat."""

    task_id: UUID
    status: str
    message: str | None
    created_at: datetime
    finished_at: datetime | None


def _argument_summary() -> Any:
    """Arguments with the number of their items in the place of lists and the beginning of long texts."""
    each = func.jsonb_each(Task.kwargs).table_valued("key", "value").alias("argument")
    kind = func.jsonb_typeof(each.c.value.cast(JSONB))
    count = func.jsonb_array_length(each.c.value.cast(JSONB))
    beginning = func.left(each.c.value.op("#>>")("{}"), 100)
    short = case(
        (kind == "array", func.to_jsonb(func.concat(count, " items"))),
        (kind.in_(("string", "object")), func.to_jsonb(beginning)),
        else_=each.c.value.cast(JSONB),
    )
    return select(func.jsonb_object_agg(each.c.key, short)).select_from(each).scalar_subquery()


# The size is that of the stored form, so that long arguments are not even fetched to be measured.
_ARGUMENTS = case(
    (func.pg_column_size(Task.kwargs) <= SHORT_ARGUMENTS, Task.kwargs), else_=_argument_summary()
)
_COLUMNS = (
    Task.id,
    Task.kind,
    Task.status,
    Task.worker,
    _ARGUMENTS,
    Task.created_at,
    Task.started_at,
    Task.eta,
    Task.progress,
    Task.queue,
    Task.priority,
    Task.parent_id,
    Task.owner_id,
)


@lru_cache(maxsize=8)
def _in_states(statuses: frozenset[str], owned: bool) -> Executable:
    """Made once: clients ask for what is going on every few seconds."""
    statement = select(*_COLUMNS).where(Task.status.in_(sorted(statuses)))
    if owned:
        statement = statement.where(Task.owner_id == bindparam("owner"))
    return statement.order_by(Task.created_at).limit(bindparam("most"))


def in_states(
    connection: Connection, statuses: Collection[str], owner_id: int | None, limit: int
) -> Sequence[Overview]:
    """Tasks in these states (of one owner, unless None), the oldest first."""
    statement = _in_states(frozenset(statuses), owner_id is not None)
    given = {"most": limit} | ({} if owner_id is None else {"owner": owner_id})
    return [Overview(*row) for row in connection.execute(statement, given)]


def on_workers(session: Session) -> list[Running]:
    """All tasks in the hands of a worker, the oldest first; not those that wait for their children."""
    statement = (
        select(Task.id, Task.kind, Task.worker, Task.started_at)
        .where(Task.status.in_(("STARTED", "PROGRESS")), Task.worker.is_not(None))
        .order_by(Task.started_at, Task.id)
    )
    return [
        Running(task_id, kind, worker or "", at) for task_id, kind, worker, at in session.execute(statement)
    ]


def earlier_attempts(session: Session, task_id: UUID) -> list[Attempt]:
    """The tasks that led to this one by retrying, the latest first."""
    first = (
        select(Task.retry_of.label("id"), literal(1).label("back"))
        .where(Task.id == task_id, Task.retry_of.is_not(None))
        .cte("chain", recursive=True)
    )
    earlier = aliased(Task)
    chain = first.union_all(
        select(earlier.retry_of, first.c.back + 1)
        .join(first, earlier.id == first.c.id)
        .where(earlier.retry_of.is_not(None), first.c.back < LONGEST_CHAIN)
    )
    statement = (
        select(Task.id, Task.status, Task.message, Task.created_at, Task.finished_at)
        .join(chain, Task.id == chain.c.id)
        .order_by(chain.c.back)
    )
    return [Attempt(*row) for row in session.execute(statement)]
