"""Submitting: commit the row, then send the message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import structlog

from siprems_backend.errors import Invalid, Unavailable
from siprems_backend.extensions import queue
from siprems_backend.extensions.database import database
from siprems_backend.models import task_queries
from siprems_backend.models.tasks import Task
from siprems_backend.services.idempotency_key import require_acceptable
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import states
from siprems_backend.services.task_registry.kinds import DELIVERY, TaskKind
from siprems_backend.utils import clock

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Submitted:
    """A task that the ledger has; not `queued` if the broker was away: the reconciler sends it then."""

    task_id: UUID
    kind: TaskKind
    queued: bool
    replayed: bool = False


def submit(
    kind: TaskKind,
    kwargs: Mapping[str, Any],
    *,
    owner: Principal | None = None,
    idempotency_key: str | None = None,
    priority: int | None = None,
    parent_id: UUID | None = None,
    retry_of: UUID | None = None,
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
    )
    with database.transaction() as session:
        if not task_queries.add_if_new(session, row):
            earlier = task_queries.by_idempotency_key(session, row["owner_id"], kind, idempotency_key or "")
            return _replayed(earlier, row)
    return Submitted(row["id"], kind, queued=send(row))


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
) -> dict[str, Any]:
    """Column values of a waiting task."""
    delivery = DELIVERY[kind]
    return {
        "id": task_id or uuid4(),
        "kind": kind.value,
        "kwargs": dict(kwargs),
        "owner_id": owner_id,
        "queue": delivery.queue.value,
        "priority": delivery.priority if priority is None else priority,
        "parent_id": parent_id,
        "retry_of": retry_of,
        "idempotency_key": idempotency_key,
        "status": states.PENDING,
        "message": "Task is waiting to be executed",
        "created_at": clock.now(),
    }


def submit_children(rows: Sequence[dict[str, Any]]) -> int:
    """Enter many rows at once and send their messages; how many were sent."""
    with database.transaction() as session:
        task_queries.add_many(session, rows)
    return sum(send(row) for row in rows)


def send(row: Mapping[str, Any], eta: datetime | None = None) -> bool:
    """Send the message of a committed row; False when the broker is away."""
    try:
        queue.send_task(
            row["kind"],
            str(row["id"]),
            row["kwargs"],
            queue=row["queue"],
            priority=row["priority"],
            eta=eta,
        )
    except queue.BrokerAway as error:
        log.warning("broker_away", task_id=str(row["id"]), error=str(error))
        return False
    with database.transaction() as session:
        task_queries.change(session, row["id"], states.WAITING, {"enqueued_at": clock.now()})
    return True


def resend(task: Task) -> bool:
    """Send the message of a row again: its first one was never sent, or lost."""
    row = {
        "kind": task.kind,
        "id": task.id,
        "kwargs": task.kwargs,
        "queue": task.queue,
        "priority": task.priority,
    }
    return send(row)


def _replayed(earlier: Task | None, row: Mapping[str, Any]) -> Submitted:
    if earlier is None:
        raise Unavailable("The ledger could not take the task; try again.")
    if earlier.kwargs != row["kwargs"]:
        raise Invalid(
            "This Idempotency-Key was used for another request; use a new key.", code="idempotency_key_reused"
        )
    return Submitted(earlier.id, TaskKind(earlier.kind), earlier.enqueued_at is not None, replayed=True)
