"""What a worker writes in the ledger: claim, progress, end. All by compare-and-swap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from siprems_backend.errors import ServiceError
from siprems_backend.extensions.database import database
from siprems_backend.models import task_changes, task_log_queries, task_queries, task_steps
from siprems_backend.services.availability import in_words
from siprems_backend.services.task_registry import announcements, counting, states
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.task_registry.submission import new_row
from siprems_backend.services.task_registry.transitions import ledger, move, note, revoke_waiting
from siprems_backend.utils import clock

# A worker that is killed is missed after this long; one that is only slow must renew three times in it.
LEASE = timedelta(seconds=10)
HEARTBEAT_SECONDS = 2.5
LONGEST_MESSAGE = 2000
DONE = "Task completed successfully"

LogLines = Sequence[tuple[datetime, str, str]]


@dataclass(frozen=True)
class Claim:
    """A task that this worker, and nobody else, may run until the lease ends."""

    task_id: UUID
    lease_id: UUID
    kind: TaskKind
    attempts: int
    parent_id: UUID | None
    owner_id: int | None
    request_id: str | None
    # Whether somebody wanted to be told of the end when it was claimed.
    watched: bool = False


def claim(task_id: UUID, kind: TaskKind, kwargs: Mapping[str, Any], worker: str) -> Claim | None:
    """Take a delivered message's task; None if it is finished, taken or revoked: then there is nothing to do.

    A message without a row (one sent by hand) gets its row here.
    """
    held = _take(task_id, kind, worker)
    if held is None and _enter(task_id, kind, kwargs):
        held = _take(task_id, kind, worker)
    return held


def _take(task_id: UUID, kind: TaskKind, worker: str) -> Claim | None:
    lease_id, now = uuid4(), clock.now()
    with database.lookup() as connection:
        taken = task_steps.claim(
            connection, task_id, worker=worker, lease_id=lease_id, now=now, lease_expires_at=now + LEASE
        )
    if taken is None:
        return None
    announcements.publish([taken.change])
    counting.count_start(taken)
    change = taken.change
    return Claim(
        task_id,
        lease_id,
        kind,
        taken.attempts,
        change.parent_id,
        change.owner_id,
        taken.request_id,
        change.watched,
    )


def _enter(task_id: UUID, kind: TaskKind, kwargs: Mapping[str, Any]) -> bool:
    with database.transaction() as session:
        if task_queries.exists(session, task_id):
            return False
        row = {**new_row(kind, kwargs, task_id=task_id), "enqueued_at": clock.now(), "sends": 1}
        return task_changes.add_if_new(session, row)


def report(
    held: Claim,
    current: int,
    total: int,
    message: str,
    logs: LogLines,
    *,
    details: Mapping[str, Any] | None = None,
) -> bool:
    """Write progress and log lines; True when the task must stop (cancelled, or no longer ours).

    `details` are what this kind of task tells of its progress beyond that.
    """
    percent = round(100 * current / total, 1) if total else 0.0
    progress = {"current": current, "total": total, "percent": percent, "message": message}
    now = clock.now()
    values = {
        "status": states.PROGRESS,
        "progress": {**progress, **(details or {})},
        "message": message or None,
        "heartbeat_at": now,
        "lease_expires_at": now + LEASE,
    }
    with ledger() as session:
        changed = task_changes.change(
            session, held.task_id, states.RUNNING, values, lease_id=held.lease_id, unhurried=True
        )
        if changed is None:
            return True
        note(session, [changed])
        _add_logs(session, held, logs)
    return changed.cancel_requested_at is not None


def heartbeat(held: Claim) -> bool:
    """Renew the lease; False when the task must stop."""
    now = clock.now()
    with database.lookup() as connection:
        cancelled = task_changes.renew(
            connection, held.task_id, held.lease_id, now=now, lease_expires_at=now + LEASE
        )
    return cancelled is False


def hand_to_children(held: Claim, message: str, logs: LogLines) -> bool:
    """Leave a fan-out running without a worker: its children carry it on and the last of them joins it.

    Children of a run that was cancelled meanwhile end before anybody starts them.
    """
    values = {
        "status": states.PROGRESS,
        "message": message,
        "lease_id": None,
        "lease_expires_at": None,
        "worker": None,
    }
    with ledger() as session:
        changed = task_changes.change(
            session, held.task_id, states.RUNNING, values, lease_id=held.lease_id, unhurried=True
        )
        if changed is None:
            return False
        note(session, [changed])
        _add_logs(session, held, logs)
        if changed.cancel_requested_at is not None:
            revoke_waiting(session, task_queries.children_of(held.task_id))
    return True


def succeed(held: Claim, result: Any, logs: LogLines) -> bool:
    """End well."""
    if not logs and not held.watched and _end_at_once(held, result):
        return True
    return _change(held, {**_ended(states.SUCCESS, DONE), "result": result}, logs)


def _end_at_once(held: Claim, result: Any) -> bool:
    """End a task about which nothing else is to be written: one trip to the database instead of three."""
    with database.lookup() as connection:
        ended = task_steps.end_well(
            connection, held.task_id, held.lease_id, now=clock.now(), message=DONE, result=result
        )
    if ended is None:
        return False
    counting.count([ended])
    announcements.publish([ended])
    return True


def fail(held: Claim, error: BaseException, trace: str, logs: LogLines) -> bool:
    """End badly, for good."""
    message = _storable(in_words(error))[:LONGEST_MESSAGE]
    values = _ended(states.FAILURE, message)
    document: dict[str, Any] = {"type": type(error).__name__, "message": message}
    if isinstance(error, ServiceError) and error.fields:
        document |= {"code": error.code, "fields": error.fields}
    return _change(held, {**values, "error": document, "traceback": _storable(trace)}, logs)


def postpone(held: Claim, reason: str, until: datetime, logs: LogLines) -> bool:
    """Wait for another attempt after a passing failure; the reconciler sends it when it is due."""
    values = {
        "status": states.RETRY,
        "message": f"Waiting to try again after: {_storable(reason)[:LONGEST_MESSAGE]}",
        "eta": until,
        "lease_id": None,
        "lease_expires_at": None,
        "enqueued_at": None,
    }
    return _change(held, values, logs)


def revoke(held: Claim, logs: LogLines) -> bool:
    """End because somebody cancelled; children that nobody has started end too."""
    with ledger() as session:
        revoke_waiting(session, task_queries.children_of(held.task_id))
    return _change(held, _ended(states.REVOKED, "Task was cancelled"), logs)


def _storable(text: str) -> str:
    """The text without what PostgreSQL cannot keep: an error may quote whatever it stumbled over."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def _ended(status: str, message: str) -> dict[str, Any]:
    return {
        "status": status,
        "message": message,
        "finished_at": clock.now(),
        "lease_id": None,
        "lease_expires_at": None,
        "eta": None,
    }


def _change(held: Claim, values: dict[str, Any], logs: LogLines) -> bool:
    with ledger() as session:
        moved = move(session, held.task_id, states.RUNNING, values, lease_id=held.lease_id, unhurried=True)
        if moved:
            _add_logs(session, held, logs)
    return moved


def _add_logs(session: Session, held: Claim, logs: LogLines) -> None:
    """Write lines in a transaction that has changed the task's row.

    The row is locked then, so that the lines of a task are committed in the order of their ids: whoever has
    read up to one has missed none before it.
    """
    task_log_queries.add_logs(session, held.task_id, logs)
