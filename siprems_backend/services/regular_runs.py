"""What Beat does: it starts what is due. However many look, every slot is taken once, in the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from siprems_backend.extensions.database import database
from siprems_backend.models import schedule_queries, task_queries
from siprems_backend.models import schedules as slots
from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.services.regulars import Regular, Row, all_of, expiry
from siprems_backend.services.task_registry import submission
from siprems_backend.utils import clock

log = structlog.get_logger(__name__)

LOOK_AGAIN_AFTER_FAILURE = timedelta(minutes=1)
SLOTS_KEPT = timedelta(days=1)


class RegularRuns:
    """Looks, as often as it is asked to, for what is due; remembers only when to look where again."""

    def __init__(self) -> None:
        self._next: dict[str, datetime] = {}
        self._looked_at: datetime | None = None

    def start_due(self) -> list[UUID]:
        """Start what is due; ids of the tasks. Whatever fails is left for the next look.

        The database tells the time, so that Beats on several machines agree on it.

        Raises:
            sqlalchemy.exc.OperationalError: the database is away.
        """
        with database.reading() as session:
            now = task_queries.database_time(session)
            users = schedule_queries.times(session, unpaused=True)
        wanted = all_of(users)
        self._remember(now, wanted)
        started = [self._look(regular, now) for regular in wanted if self._is_due(regular, now)]
        return [task_id for task_id in started if task_id is not None]

    def _remember(self, now: datetime, wanted: list[Regular]) -> None:
        """Forget what is not wanted any more, and everything if the clock was set back."""
        if self._looked_at is not None and now < self._looked_at:
            log.warning("clock_set_back", seconds=(self._looked_at - now).total_seconds())
            self._next.clear()
        self._looked_at = now
        names = {regular.slot_name for regular in wanted}
        self._next = {name: moment for name, moment in self._next.items() if name in names}

    def _is_due(self, regular: Regular, now: datetime) -> bool:
        moment = self._next.get(regular.slot_name)
        return moment is None or moment <= now

    def _look(self, regular: Regular, now: datetime) -> UUID | None:
        """Take the slot that has come, if nobody has; one schedule that fails does not hold up the others."""
        again = now + LOOK_AGAIN_AFTER_FAILURE
        try:
            slot = regular.timing.latest(now)
            task_id = None if slot is None else _take(regular, slot, now)
            again = regular.timing.following(now) or again
        except DATABASE_AWAY:
            raise
        except Exception:
            log.exception("regular_run_failed", schedule=regular.slot_name)
            task_id = None
        self._next[regular.slot_name] = again
        return task_id


def _take(regular: Regular, slot: datetime, now: datetime) -> UUID | None:
    """Take a slot and enter its task in one transaction, then send it; its id.

    The slot that has passed when a schedule is seen first is taken without a task, as is one that comes too
    late: only what was waited for is started.
    """
    with database.transaction() as session:
        last = slots.lock_slots(session, regular.slot_name)
        if last is not None and last >= slot:
            return None
        expires_at = expiry(regular, slot)
        wanted = last is not None and now < expires_at
        row = regular.enter(session, expires_at) if wanted else None
        slots.take_slot(session, regular.slot_name, slot, row["id"] if row else None)
    _log(regular, slot, now, last, row)
    if row is None:
        return None
    submission.send_new([row])
    task_id: UUID = row["id"]
    return task_id


def _log(regular: Regular, slot: datetime, now: datetime, last: datetime | None, row: Row | None) -> None:
    details: dict[str, Any] = {
        "schedule": regular.slot_name,
        "slot": clock.iso(slot),
        "late_s": round((now - slot).total_seconds(), 1),
    }
    if row is not None:
        log.info("regular_run_started", task_id=str(row["id"]), **details)
    elif last is None:
        log.info("regular_run_awaited", **details)
    else:
        log.warning("regular_run_left_out", **details)


def last_taken_at() -> datetime | None:
    """When any Beat took a slot last."""
    with database.reading() as session:
        return slots.last_taken_at(session)


def forget_old_slots() -> int:
    """Forget slots that cannot matter any more; how many."""
    with database.transaction() as session:
        in_use = {regular.slot_name for regular in all_of(schedule_queries.times(session))}
        return slots.forget_slots(session, clock.now() - SLOTS_KEPT, in_use)
