"""Putting right what crashes and lost messages left behind."""

from __future__ import annotations

from datetime import timedelta

import structlog

from siprems_backend.extensions.database import database
from siprems_backend.models import task_queries
from siprems_backend.models.tasks import Task
from siprems_backend.services.task_registry import states
from siprems_backend.services.task_registry.submission import resend
from siprems_backend.utils import clock

log = structlog.get_logger(__name__)

# A message may rightly wait in its queue for long; one older than this is sent again, which does no harm.
RESEND_AFTER = timedelta(minutes=10)
MOST_AT_ONCE = 500
MOST_ATTEMPTS = 5


def reconcile() -> dict[str, int]:
    """Send what was never sent and take back what dead workers hold; counts of both.

    Runs from Beat, and several may run at once: every step is a compare-and-swap or a harmless repetition.
    """
    now = clock.now()
    with database.reading() as session:
        lost = task_queries.lease_expired(session, now, MOST_AT_ONCE)
    taken_back = sum(_take_back(task) for task in lost)
    with database.reading() as session:
        unsent = task_queries.unsent(session, now=now, sent_before=now - RESEND_AFTER, limit=MOST_AT_ONCE)
    sent = 0
    for task in unsent:
        if not resend(task):
            break
        sent += 1
    return {"sent": sent, "taken_back": taken_back}


def _take_back(task: Task) -> bool:
    """Free a row whose worker died: it waits again, or ends if it was cancelled or keeps killing workers."""
    values = _after_loss(task)
    with database.transaction() as session:
        changed = task_queries.change(session, task.id, states.RUNNING, values, lease_id=task.lease_id)
    if changed:
        log.warning("lease_expired", task=str(task.id), worker=task.worker, now=values["status"])
    return changed


def _after_loss(task: Task) -> dict[str, object]:
    now = clock.now()
    freed: dict[str, object] = {"lease_id": None, "lease_expires_at": None}
    if task.cancel_requested_at is not None:
        return {**freed, "status": states.REVOKED, "message": "Task was cancelled", "finished_at": now}
    if task.attempts >= MOST_ATTEMPTS:
        message = f"Given up after {task.attempts} attempts: the worker died each time."
        error = {"type": "WorkerLost", "message": message}
        return {**freed, "status": states.FAILURE, "message": message, "error": error, "finished_at": now}
    message = "Waiting again: the worker that ran it died"
    return {**freed, "status": states.PENDING, "message": message, "enqueued_at": None}
