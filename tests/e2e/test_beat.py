"""Beat as operators start it: two at once, without the database for a moment, and inside a worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from siprems_backend.extensions.database import Database
from siprems_backend.models import schedules as slots
from siprems_backend.models.schedules import ScheduleSlot
from siprems_backend.models.tasks import Task
from siprems_backend.services import timetable
from siprems_backend.services.regulars import OfTimetable
from siprems_backend.services.task_registry import TaskKind, states
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests import factories
from tests.e2e.conftest import QUEUES, celery_process, wait_until

HOURLY = {
    "name": "Hourly",
    "cron": "0 * * * *",
    "task": "train_category",
    "parameters": {"category": "Bakery"},
}
BATCH = {"task": "predict_batch", "parameters": {"filter": {"category": "Bakery"}, "days": 7}}
EXPORT = {"task": "run_tool", "parameters": {"tool_name": "sales_export"}}
LOOKED = "Waking up"


def everything_was_started_yesterday(database: Database) -> set[str]:
    """As if a Beat had run until yesterday; the kinds that are due now."""
    due = set()
    with database.transaction() as session:
        for entry in timetable.entries():
            slot = entry.timing.latest(clock.now() - dt.timedelta(days=1))
            assert slot is not None
            slots.take_slot(session, OfTimetable(entry).slot_name, slot, None)
            passed = entry.timing.latest(clock.now())
            assert passed is not None
            if entry.useful_for is None or clock.now() < passed + entry.useful_for:
                due.add(entry.kind.value)
    return due


def due_schedule(database: Database, client: FlaskClient, **values: object) -> str:
    """A user's schedule whose time has come; its address."""
    one = f"/api/v1/schedules/{client.post('/api/v1/schedules', json={**HOURLY, **values}).get_json()['id']}"
    earlier = ScheduleSlot.slot - dt.timedelta(hours=1)
    with database.transaction() as session:
        of_users = ScheduleSlot.schedule.startswith("user:")
        session.execute(
            update(ScheduleSlot).where(of_users, ScheduleSlot.task_id.is_(None)).values(slot=earlier)
        )
    return one


def started_by_slots(database: Database) -> list[tuple[str, bool]]:
    """The kind of each task of the system's own, and whether a slot is its."""
    of_a_slot = Task.id.in_(select(ScheduleSlot.task_id))
    # A training that ends has the plan refreshed, by no slot of Beat's.
    system = Task.owner_id.is_(None) & Task.parent_id.is_(None) & (Task.kind != TaskKind.REFRESH_PLAN.value)
    with database.reading() as session:
        return [(kind, known) for kind, known in session.execute(select(Task.kind, of_a_slot).where(system))]


def ended_run(client: FlaskClient, one: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get(one).get_json()
        return found if found["last_status"] in states.TERMINAL else None

    found = wait_until(ended, f"a run of {one}")
    assert isinstance(found, dict)
    return found


def tasks_of(client: FlaskClient, **query: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/tasks", query_string={"page_size": 200, **query}).get_json()[
        "items"
    ]
    return [task for task in found if task["parent_id"] is None]


def test_two_beats_start_every_run_once_and_outlast_the_database(
    worker: Path, database: Database, models_dir: Path, tmp_path: Path, as_role: Callable[[Role], FlaskClient]
) -> None:
    product = factories.make_product(database, "BRD-001", category="Bakery")
    factories.sell(database, product, factories.weekly_demand(70), until=dt.date(2026, 6, 30))
    analyst = as_role(Role.ANALYST)
    due = everything_was_started_yesterday(database)
    one = due_schedule(database, analyst)
    logs = [tmp_path / "first.log", tmp_path / "second.log"]
    options = ("--pidfile", "", "--loglevel", "DEBUG")
    with (
        celery_process("beat", logs[0], *options, LOG_LEVEL="DEBUG") as first,
        celery_process("beat", logs[1], *options, LOG_LEVEL="DEBUG") as second,
    ):
        wait_until(lambda: all(LOOKED in log.read_text() for log in logs), f"both Beats; see {tmp_path}")
        assert ended_run(analyst, one)["last_status"] == states.SUCCESS
        started = started_by_slots(database)
        assert all(known for _, known in started)
        assert {kind for kind, _ in started} == due
        assert [kind for kind, _ in started].count(TaskKind.TRAIN_ALL) == (TaskKind.TRAIN_ALL in due)
        own = tasks_of(analyst)
        assert [task["args"] for task in own] == [{"category": "Bakery"}]
        # All connections are cut, as by a restart.
        with database.transaction() as session:
            session.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
            )
        database.dispose()
        others = [due_schedule(database, analyst, **values) for values in (BATCH, EXPORT)]
        assert [ended_run(analyst, other)["last_status"] for other in others] == [states.SUCCESS] * 2
        assert len(tasks_of(analyst)) == 3
        for process in (first, second):
            process.terminate()
            assert process.wait(30) == 0


def test_a_worker_with_beat_inside(
    migrated: object, database: Database, tmp_path: Path, as_role: Callable[[Role], FlaskClient]
) -> None:
    factories.make_product(database, "BRD-001", category="Bakery")
    analyst = as_role(Role.ANALYST)
    one = due_schedule(database, analyst)
    log = tmp_path / "both.log"
    options = ("--beat", "--concurrency", "1", "-Q", QUEUES, "--without-mingle", "--without-gossip")
    with celery_process("worker", log, *options, LOG_LEVEL="INFO") as process:
        found = ended_run(analyst, one)
        assert (found["last_status"], len(tasks_of(analyst))) == (states.SUCCESS, 1)
        family = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        assert process.wait(30) == 0
        assert psutil.wait_procs(family, 30)[1] == []
