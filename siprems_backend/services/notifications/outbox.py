"""The outbox: what is to be told of an ended task is written in the transaction that ends it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import structlog
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from siprems_backend.config import get_settings
from siprems_backend.extensions.cache import cache
from siprems_backend.models import delivery_queries
from siprems_backend.models.delivery_queries import Ended
from siprems_backend.models.task_changes import Changed
from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.services.notifications.names import (
    FAILURES,
    FIGURES,
    FOR_EVERYBODY,
    SILENT,
    names_of,
)
from siprems_backend.services.task_registry import submission, transitions
from siprems_backend.services.task_registry.kinds import TaskKind
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role

log = structlog.get_logger(__name__)

SERVERS_AWAY: tuple[type[Exception], ...] = (RedisError, *DATABASE_AWAY)

MAY_BE_TOLD = tuple(role.value for role in Role if role.includes(Role.ANALYST))
TOLD_OF_SYSTEM = tuple(role.value for role in Role if role.includes(Role.OPERATOR))
# Set while a sweep is on its way that has not looked yet: it will find what is written meanwhile.
ON_ITS_WAY = "siprems:notifications:sweep"
FORGOTTEN_AFTER_SECONDS = 30
PAUSE_AFTER_FAILURE_SECONDS = 1.0


@transitions.when_ended
def note_end(session: Session, changed: Changed) -> None:
    """Enter a delivery for everybody who wants to be told; a mistake in it never keeps a task from ending."""
    if changed.kind in SILENT:
        return
    try:
        with session.begin_nested():
            added = _announce(session, changed)
    except DATABASE_AWAY:
        raise
    except Exception:
        log.exception("notification_not_entered", task_id=str(changed.id))
        return
    if added:
        transitions.after_commit(session, start_sweep)


class _Starter:
    """Starts a sweep; a server that is away or frozen holds up one task's end in a while, not every one."""

    def __init__(self) -> None:
        self._silent_until = 0.0

    def __call__(self) -> None:
        """Have deliveries sent at once, unless a sweep is on its way; the regular one follows anyway."""
        if time.monotonic() < self._silent_until:
            return
        try:
            if cache.client.set(ON_ITS_WAY, "1", nx=True, ex=FORGOTTEN_AFTER_SECONDS):
                needed_until = clock.now() + timedelta(seconds=FORGOTTEN_AFTER_SECONDS)
                submission.submit(TaskKind.DELIVER_NOTIFICATIONS, {}, expires_at=needed_until)
        except SERVERS_AWAY as error:
            self._silent_until = time.monotonic() + PAUSE_AFTER_FAILURE_SECONDS
            log.warning("sweep_not_started", error=type(error).__name__)


start_sweep = _Starter()


def sweep_begins() -> None:
    """From now on a new delivery needs a sweep of its own."""
    try:
        cache.client.delete(ON_ITS_WAY)
    except RedisError as error:
        log.warning("sweep_mark_not_removed", error=type(error).__name__)


def task_link(task_id: Any) -> str:
    """Where the task is found: a whole address if ours is known, otherwise its path."""
    return f"{get_settings().public_url.rstrip('/')}/api/v1/tasks/{task_id}"


def _announce(session: Session, changed: Changed) -> int:
    ended = delivery_queries.ended_task(session, changed.id, FIGURES.get(changed.kind, {}))
    figures = {name: value for name, value in ended.figures.items() if value is not None}
    now = clock.now()
    return delivery_queries.announce(
        session,
        names=names_of(ended.kind, ended.status, sum(int(figures.get(name, 0)) for name in FAILURES)),
        kind=ended.kind,
        owner_id=ended.owner_id,
        told_of_system=MAY_BE_TOLD if ended.kind in FOR_EVERYBODY else TOLD_OF_SYSTEM,
        may_be_told=MAY_BE_TOLD,
        row={
            # A task ends once, so that this is told once.
            "event_key": str(ended.id),
            "task_id": ended.id,
            "payload": _payload(ended, figures),
            "next_attempt_at": now,
            "created_at": now,
        },
    )


def _payload(ended: Ended, figures: dict[str, Any]) -> dict[str, Any]:
    began, finished = ended.started_at, ended.finished_at
    task = {
        "task_id": str(ended.id),
        "kind": ended.kind,
        "status": ended.status,
        "message": ended.message,
        "error": ended.error,
        "started_at": clock.iso(began),
        "finished_at": clock.iso(finished),
        "runtime_s": round((finished - began).total_seconds(), 3) if began and finished else None,
        "link": task_link(ended.id),
    }
    return {"task": task, **({"summary": figures} if figures else {})}
