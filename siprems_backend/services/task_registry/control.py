"""Cancelling and retrying."""

from __future__ import annotations

from uuid import UUID

import structlog

from siprems_backend.errors import Conflict, Forbidden
from siprems_backend.extensions import queue
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, task_queries
from siprems_backend.models.tasks import Task
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import fan_out, states
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.services.task_registry.submission import Submitted, submit
from siprems_backend.services.task_registry.transitions import ledger, move, revoke_waiting
from siprems_backend.services.task_registry.views import visible
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role

log = structlog.get_logger(__name__)


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
        revoked = revoke_waiting(session, task_queries.with_id(task_id))
        revoke_waiting(session, task_queries.children_of(task_id))
        running = [
            child.id for child in task_queries.children(session, task_id) if child.status in states.RUNNING
        ]
        task_queries.request_cancel(session, [task_id, *running], clock.now())
        audit.record(
            session,
            "task.terminate" if terminate else "task.cancel",
            user_id=caller.user_id,
            target=str(task_id),
        )
    if terminate:
        _terminate([task_id, *running])
    fan_out.update_parent(task.parent_id or task_id)
    return "Task was cancelled" if revoked else "Task will stop at its next step"


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
