"""Cancelling and retrying."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from siprems_backend.errors import Conflict, Forbidden
from siprems_backend.extensions import queue
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, task_queries
from siprems_backend.models.task_queries import TaskFilter
from siprems_backend.models.tasks import Task
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import fan_out, states
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.task_registry.submission import Submitted, submit
from siprems_backend.services.task_registry.transitions import CANCELLED, ledger, move, revoke_waiting
from siprems_backend.services.task_registry.views import scope_of, visible
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role

log = structlog.get_logger(__name__)

STOPPING = "Task will stop at its next step"
MOST_AT_ONCE = 1000


def cancel(task_id: UUID, caller: Principal, *, terminate: bool = False) -> str:
    """Cancel a task and its children; a message that says what will happen.

    Waiting tasks end at once; running ones at their next progress report. `terminate` also kills the
    process, which is an operator's last resort.

    Raises:
        NotFound: no such task, or not the caller's.
        Conflict: it has finished.
        Forbidden: `terminate` without the role for it.
    """
    if terminate and not caller.may(Role.OPERATOR):
        raise Forbidden("Only operators may terminate a task; leave out terminate=true to cancel it.")
    with ledger() as session:
        task = visible(session, task_id, caller)
        if task.status in states.TERMINAL:
            raise Conflict(f"The task has already finished ({task.status}).", code="task_finished")
        revoked, running = _stop(session, [task_id])
        audit.record(
            session,
            "task.terminate" if terminate else "task.cancel",
            user_id=caller.user_id,
            target=str(task_id),
        )
    if terminate:
        _terminate(list({task_id, *running}))
    fan_out.update_parent(task.parent_id or task_id)
    return CANCELLED if task_id in revoked else STOPPING


@dataclass(frozen=True)
class Cancelled:
    """What became of a task to be cancelled: `cancelled`, `stopping`, `finished` before, or `not_found`."""

    task_id: UUID
    status: str


def cancel_many(
    caller: Principal, *, task_ids: Sequence[UUID] | None = None, wanted: TaskFilter | None = None
) -> list[Cancelled]:
    """Cancel tasks and their children: those named, or those not finished that a filter finds.

    Others than the caller's own are for operators; of the ones named the others count as not found.
    """
    scope = TaskFilter(**{**vars(wanted or TaskFilter()), "owner_id": scope_of(caller, None)})
    if task_ids is None:
        scope = replace(scope, statuses=scope.statuses or states.ACTIVE)
    with ledger() as session:
        rows = task_queries.found(session, scope, task_ids, MOST_AT_ONCE)
        active = [task_id for task_id, status, _ in rows if status in states.ACTIVE]
        revoked, running = _stop(session, active)
        details = {"tasks": len(active)}
        audit.record(session, "task.cancel_many", user_id=caller.user_id, details=details)
    for parent_id in {parent_id for _, _, parent_id in rows if parent_id is not None} | set(running):
        fan_out.update_parent(parent_id)
    ended = dict.fromkeys((task_id for task_id, _, _ in rows), "finished")
    ended |= dict.fromkeys(active, "stopping") | {each: "cancelled" for each in revoked if each in ended}
    named = ended if task_ids is None else dict.fromkeys(task_ids)
    return [Cancelled(task_id, ended.get(task_id, "not_found")) for task_id in named]


def _stop(session: Session, task_ids: Collection[UUID]) -> tuple[set[UUID], list[UUID]]:
    """End what waits among these tasks and their children, ask the rest to stop; (ended, asked)."""
    condition = task_queries.with_children(task_ids)
    revoked = set(revoke_waiting(session, condition))
    running = task_queries.running_among(session, condition)
    task_queries.request_cancel(session, running, clock.now())
    return revoked, running


def _terminate(task_ids: list[UUID]) -> None:
    for task_id in task_ids:
        queue.terminate_task(str(task_id))
    values = {
        "status": states.REVOKED,
        "message": "Task was terminated",
        "finished_at": clock.now(),
        "lease_id": None,
    }
    with ledger() as session:
        for task_id in task_ids:
            move(session, task_id, states.ACTIVE, values)


def retry(task_id: UUID, caller: Principal, *, idempotency_key: str | None = None) -> Submitted:
    """A new task with the arguments of one that failed or was cancelled, linked to it.

    Raises:
        NotFound: no such task, or not the caller's.
        Conflict: it has not failed.
        Invalid: the idempotency key is malformed, or was used with other arguments.
    """
    with database.reading() as session:
        task: Task = visible(session, task_id, caller)
    if task.status not in {states.FAILURE, states.REVOKED}:
        raise Conflict(
            f"Only failed or cancelled tasks can be retried; this one is {task.status}.", code="not_retryable"
        )
    return submit(
        TaskKind(task.kind),
        task.kwargs,
        owner=caller,
        priority=task.priority,
        retry_of=task.id,
        idempotency_key=idempotency_key,
    )
