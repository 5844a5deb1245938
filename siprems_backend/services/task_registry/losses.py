"""What a worker's main process knows first: that a process died, or was killed at its time limit."""

from __future__ import annotations

from uuid import UUID

from siprems_backend.extensions.database import database
from siprems_backend.models import task_queries
from siprems_backend.models.tasks import Task
from siprems_backend.services.task_registry import fan_out, states
from siprems_backend.services.task_registry.reconciler import take_back
from siprems_backend.services.task_registry.transitions import ledger, move
from siprems_backend.utils import clock


def process_died(task_id: UUID, worker: str) -> bool:
    """The process of this worker that ran the task is gone: free the task now, before its lease ends."""
    task = _run_by(task_id, worker)
    return task is not None and take_back(task)


def time_limit_reached(task_id: UUID, worker: str, seconds: float) -> bool:
    """The process was killed because it did not end in time: the task has failed, and is not tried again."""
    task = _run_by(task_id, worker)
    if task is None:
        return False
    message = f"The task was killed because it took longer than {seconds:g} seconds."
    values = {
        "status": states.FAILURE,
        "message": message,
        "error": {"type": "TimeLimitExceeded", "message": message},
        "finished_at": clock.now(),
        "lease_id": None,
        "lease_expires_at": None,
    }
    with ledger() as session:
        moved = move(session, task_id, states.RUNNING, values, lease_id=task.lease_id)
    if moved and task.parent_id is not None:
        fan_out.update_parent(task.parent_id)
    return moved


def _run_by(task_id: UUID, worker: str) -> Task | None:
    """The task's row, if this worker is the one that runs it."""
    with database.reading() as session:
        task = task_queries.by_id(session, task_id)
    mine = task is not None and task.status in states.RUNNING and task.worker == worker
    return task if mine else None
