"""What is cleaned up every hour."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from siprems_backend.extensions.database import Database
from siprems_backend.models import schedules as slots
from siprems_backend.models import workers
from siprems_backend.models.schedules import ScheduleSlot
from siprems_backend.models.workers import Worker
from siprems_backend.services import housekeeping
from siprems_backend.utils import clock


def test_slots_and_workers_of_the_past_are_forgotten(database: Database) -> None:
    now, long_ago = clock.now(), clock.now() - timedelta(days=3)
    values = {
        "kind": "celery",
        "pid": 1,
        "concurrency": 2,
        "queues": [],
        "figures": {},
        "started_at": long_ago,
    }
    with database.transaction() as session:
        workers.renew(session, {**values, "name": "gone", "heartbeat_at": long_ago})
        workers.renew(session, {**values, "name": "alive", "heartbeat_at": now})
        session.add(ScheduleSlot(schedule="gone", slot=long_ago, taken_at=long_ago))
        slots.take_slot(session, "alive", now, None)
    deleted = housekeeping.clean_up()
    assert (deleted["schedule_slots"], deleted["workers"]) == (1, 1)
    with database.reading() as session:
        assert session.scalars(select(Worker.name)).all() == ["alive"]
        assert session.scalar(select(func.count()).select_from(ScheduleSlot)) == 1
