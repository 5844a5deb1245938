"""Putting right what crashes and lost messages left behind."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import structlog

from siprems_backend.extensions.broker import broker
from siprems_backend.extensions.database import database
from siprems_backend.extensions.queue import BrokerAway
from siprems_backend.models import platform_facts, task_messages, task_queries, task_sessions
from siprems_backend.models.tasks import Task
from siprems_backend.services.task_registry import counting, executors, fan_out, states
from siprems_backend.services.task_registry.lifecycle import HEARTBEAT_SECONDS
from siprems_backend.services.task_registry.submission import as_row, send_again
from siprems_backend.services.task_registry.transitions import ledger, move, revoke_waiting
from siprems_backend.services.worker_registry import LOCAL
from siprems_backend.utils import clock

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 500
SILENT_BEATS = 2
MOST_ATTEMPTS = 5
EXPIRED = "Task was not started in time and is not needed any more"
INCARNATION = "broker-incarnation"
# Key of the lock that one of many reconciling workers holds: any number that nobody else uses.
RECONCILING = 7_236_001
# A message that was handed over may be seen in its queue a moment later only.
GRACE = timedelta(seconds=3)
# A message that is in no queue may be in the hands of a busy worker: every pause is twice the one before.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 6.0, 600.0


def reconcile() -> dict[str, int]:
    """Send what was never sent or is lost, take back what dead workers hold, join what is complete; counts.

    Runs in every worker and from Beat; several may run at once: every step is a compare-and-swap or a
    harmless repetition.
    """
    taken_back = _take_back_lost()
    with ledger() as session:
        expired = len(revoke_waiting(session, task_queries.expired(clock.now()), EXPIRED))
    return {
        "taken_back": taken_back,
        "expired": expired,
        "joined": fan_out.join_finished(),
        **_send_unsent(),
    }


def reconcile_alone() -> dict[str, int]:
    """Reconcile, unless another process is at it this moment: every worker asks for it every two seconds."""
    with database.transaction() as session:
        if not platform_facts.only_one(session, RECONCILING):
            return {}
        return reconcile()


def take_back(task: Task) -> bool:
    """Free a row whose worker died: it waits again, or ends if it was cancelled or keeps killing workers."""
    values = _after_loss(task)
    _end_sessions(task)
    with ledger() as session:
        # The worker's main process is here, and must not stand still for another that does.
        task_sessions.wait_briefly(session)
        changed = move(session, task.id, states.RUNNING, values, lease_id=task.lease_id)
    if changed:
        counting.count_loss(task.kind)
        log.warning("worker_lost", task_id=str(task.id), worker=task.worker, now=values["status"])
        if task.parent_id is not None:
            fan_out.update_parent(task.parent_id)
    return changed


def take_back_orphans(worker: str, in_its_hands: Collection[str]) -> int:
    """Take back what a worker of this name holds, does not know of, and shows no sign of life; how many.

    A worker that is started again in the place of one that died need not wait for the leases. A process that
    outlives its worker still beats, and is left to finish.
    """
    silent_since = clock.now() - timedelta(seconds=SILENT_BEATS * HEARTBEAT_SECONDS)
    with database.reading() as session:
        silent = task_messages.silent(session, worker, silent_since)
    return sum(take_back(task) for task in silent if str(task.id) not in in_its_hands)


def _end_sessions(task: Task) -> None:
    """End what a worker that stands still has open: others wait for its locks, the taking back among them."""
    if task.lease_id is not None:
        with database.lookup() as connection:
            task_sessions.end(connection, task.lease_id)


def _take_back_lost() -> int:
    with database.reading() as session:
        lost = task_messages.lease_expired(session, clock.now(), MOST_AT_ONCE)
    return sum(take_back(task) for task in lost)


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


def _send_unsent() -> dict[str, int]:
    """Send what waits without a message; nothing while the broker is away, or nobody would take it there."""
    if executors.current() == LOCAL:
        return {"sent": 0, "sent_again": 0}
    try:
        _notice_new_broker()
        lost = _lost_messages()
    except BrokerAway:
        return {"sent": 0, "sent_again": 0}
    with database.reading() as session:
        due = task_messages.due(session, clock.now(), MOST_AT_ONCE)
    return {
        "sent": send_again([as_row(task) for task in due]),
        "sent_again": send_again([as_row(task) for task in lost]),
    }


def _notice_new_broker() -> None:
    """A broker that came back empty has a new incarnation: then no message that was sent is left."""
    incarnation = broker.incarnation()
    with database.transaction() as session:
        known = platform_facts.read(session, INCARNATION, lock=True)
        if known == incarnation:
            return
        platform_facts.write(session, INCARNATION, incarnation)
        forgotten = task_messages.mark_all_unsent(session) if known is not None else 0
    if forgotten:
        log.warning("broker_came_back_empty", messages=forgotten)


def _lost_messages() -> list[Task]:
    """Waiting tasks that were sent before the oldest message that is still in their queue.

    Their messages were delivered to a worker that died before it claimed them, or were lost; a living worker
    may hold a few as well, and drops what it is given twice.
    """
    lost: list[Task] = []
    now = clock.now()
    with database.reading() as session:
        for name in task_messages.queues_with_waiting(session):
            heads = task_messages.enqueued_at(session, broker.oldest_messages(name))
            before = min([*heads.values(), now]) - GRACE
            lost += task_messages.sent_before(
                session,
                name,
                before,
                now=now,
                first_pause_s=FIRST_PAUSE_SECONDS,
                longest_pause_s=LONGEST_PAUSE_SECONDS,
            )
    return lost
