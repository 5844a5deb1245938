"""Submitting: commit the row, then send the message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy.orm import Session

from siprems_backend.errors import Invalid, Unavailable
from siprems_backend.extensions import queue
from siprems_backend.extensions.database import database
from siprems_backend.models import task_changes, task_messages, task_queries
from siprems_backend.models.tasks import Task
from siprems_backend.services.idempotency_key import require_acceptable
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import executors, states
from siprems_backend.services.task_registry.kinds import DELIVERY, TaskKind, queue_of
from siprems_backend.services.worker_registry import CELERY, LOCAL
from siprems_backend.utils import clock

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Submitted:
    """A task that the ledger has; not `queued` if the broker was away: the reconciler sends it then."""

    task_id: UUID
    kind: TaskKind
    queued: bool
    replayed: bool = False
    executor: str = CELERY


def submit(
    kind: TaskKind,
    kwargs: Mapping[str, Any],
    *,
    owner: Principal | None = None,
    idempotency_key: str | None = None,
    priority: int | None = None,
    parent_id: UUID | None = None,
    retry_of: UUID | None = None,
    expires_at: datetime | None = None,
) -> Submitted:
    """Enter a task in the ledger and send its message.

    With an idempotency key a second submit returns the first one's task. An `owner` of None means that the
    system itself asks.

    Raises:
        Invalid: the idempotency key is malformed, or was used with other arguments.
    """
    if idempotency_key is not None:
        require_acceptable(idempotency_key)
    row = new_row(
        kind,
        kwargs,
        owner_id=owner.user_id if owner else None,
        priority=priority,
        parent_id=parent_id,
        retry_of=retry_of,
        idempotency_key=idempotency_key,
        expires_at=expires_at,
    )
    with database.transaction() as session:
        if not enter(session, row):
            earlier = task_queries.by_idempotency_key(session, row["owner_id"], kind, idempotency_key or "")
            return replayed(earlier, row)
    return sent(row)


def new_row(
    kind: TaskKind,
    kwargs: Mapping[str, Any],
    *,
    owner_id: int | None = None,
    priority: int | None = None,
    parent_id: UUID | None = None,
    retry_of: UUID | None = None,
    idempotency_key: str | None = None,
    task_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> dict[str, Any]:
    """Column values of a waiting task; one that expires is not started any more."""
    delivery = DELIVERY[kind]
    return {
        "id": task_id or uuid4(),
        "kind": kind.value,
        "kwargs": dict(kwargs),
        "owner_id": owner_id,
        "queue": queue_of(kind, kwargs).value,
        "priority": delivery.priority if priority is None else priority,
        "parent_id": parent_id,
        "retry_of": retry_of,
        "idempotency_key": idempotency_key,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
        "status": states.PENDING,
        "message": "Task is waiting to be executed",
        "created_at": clock.now(),
        "expires_at": expires_at,
    }


def enter(session: Session, row: Mapping[str, Any]) -> bool:
    """Enter a row in the caller's unit of work; whether it was new. `send_new` it after the commit."""
    return task_changes.add_if_new(session, _on_its_way(row))


def sent(row: Mapping[str, Any]) -> Submitted:
    """Send the message of a row that was entered and committed; what its caller is told."""
    queued = send_new([row]) == 1
    return Submitted(row["id"], TaskKind(row["kind"]), queued, executor=executors.current())


def submit_children(rows: Sequence[dict[str, Any]]) -> int:
    """Enter many rows at once and send their messages; how many were sent."""
    with database.transaction() as session:
        task_queries.add_many(session, [_on_its_way(row) for row in rows])
    return send_new(rows)


def send_again(rows: Sequence[Mapping[str, Any]]) -> int:
    """Send the messages of rows that wait without one; how many the broker took."""
    sent = _hand_over(rows)
    if sent:
        with database.transaction() as session:
            task_messages.mark_sent(session, sent, clock.now())
    return len(sent)


def _on_its_way(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as if its message were sent, which saves a commit.

    If it is not, because this process dies in between, the message is missed in its queue soon after.
    """
    return {**row, "enqueued_at": clock.now(), "sends": 1}


def send_new(rows: Sequence[Mapping[str, Any]]) -> int:
    """Send the messages of rows that were entered and committed; how many the broker took."""
    sent = _hand_over(rows)
    if len(sent) < len(rows):
        with database.transaction() as session:
            task_messages.mark_unsent(session, [row["id"] for row in rows[len(sent) :]])
    return len(sent)


def _hand_over(rows: Sequence[Mapping[str, Any]]) -> list[UUID]:
    """Ids of the rows whose messages the broker took: all, or those before the first it did not take.

    Where the web processes run tasks there is no message: they look into the ledger.
    """
    if executors.current() == LOCAL:
        return [row["id"] for row in rows]
    sent = []
    for row in rows:
        try:
            queue.send_task(
                row["kind"], str(row["id"]), row["kwargs"], queue=row["queue"], priority=row["priority"]
            )
        except queue.BrokerAway as error:
            log.warning("broker_away", task_id=str(row["id"]), error=str(error))
            break
        sent.append(row["id"])
    return sent


def as_row(task: Task) -> dict[str, Any]:
    """What the message of a task is made of.

    One that has been started before has waited its turn: it goes before all others.
    """
    return {
        "kind": task.kind,
        "id": task.id,
        "kwargs": task.kwargs,
        "queue": task.queue,
        "priority": queue.MOST_URGENT if task.attempts else task.priority,
    }


def replayed(earlier: Task | None, row: Mapping[str, Any]) -> Submitted:
    """What the caller of a row is told whose idempotency key has a task already.

    Raises:
        Invalid: that task has other arguments.
    """
    if earlier is None:
        raise Unavailable("The ledger could not take the task; try again.")
    if _asked(earlier.kind, earlier.kwargs) != _asked(row["kind"], row["kwargs"]):
        raise Invalid(
            "This Idempotency-Key was used for another request; use a new key.", code="idempotency_key_reused"
        )
    return Submitted(
        earlier.id,
        TaskKind(earlier.kind),
        earlier.enqueued_at is not None,
        replayed=True,
        executor=executors.current(),
    )


def _asked(kind: str, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that the request itself gave."""
    settled = DELIVERY[TaskKind(kind)].settled
    return {name: value for name, value in kwargs.items() if name not in settled}
