"""Beat's work on a real database: every slot once, whoever looks and whatever was missed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, select, update

from siprems_backend.config import get_settings
from siprems_backend.extensions import queue
from siprems_backend.extensions.database import Database
from siprems_backend.models import schedules as slots
from siprems_backend.models.schedules import Schedule, ScheduleSlot
from siprems_backend.models.tasks import Task
from siprems_backend.models.users import User
from siprems_backend.services import regular_runs, regulars, schedules, timetable
from siprems_backend.services.identity import Principal
from siprems_backend.services.regular_runs import RegularRuns
from siprems_backend.services.regulars import OfTimetable
from siprems_backend.services.task_registry import TaskKind, reconciler, states
from siprems_backend.services.timing import Cron, Every
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests import factories

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def timetable_of_one(monkeypatch: pytest.MonkeyPatch) -> list[timetable.Entry]:
    """A timetable of which a test knows when it is due: nothing, unless it says so."""
    found: list[timetable.Entry] = []
    monkeypatch.setattr(timetable, "entries", lambda: iter(found))
    return found


def hourly(name: str = "hourly", useful_for: timedelta | None = None) -> timetable.Entry:
    return timetable.Entry(name, TaskKind.STATISTICS, Every(3600), useful_for)


def taken_before(database: Database, entry: timetable.Entry, ago: timedelta) -> None:
    """As if Beat had started the entry so long ago."""
    slot = entry.timing.latest(clock.now() - ago)
    assert slot is not None
    with database.transaction() as session:
        slots.take_slot(session, OfTimetable(entry).slot_name, slot, None)


def tasks(database: Database) -> list[Task]:
    with database.reading() as session:
        return list(session.scalars(select(Task).order_by(Task.created_at)))


def taken(database: Database) -> list[tuple[datetime, UUID | None]]:
    with database.reading() as session:
        rows = session.execute(select(ScheduleSlot.slot, ScheduleSlot.task_id).order_by(ScheduleSlot.slot))
        return [(slot, task_id) for slot, task_id in rows]


def test_what_is_seen_first_waits_for_its_next_slot(
    database: Database, timetable_of_one: list[timetable.Entry]
) -> None:
    timetable_of_one.append(hourly())
    runs = RegularRuns()
    assert runs.start_due() == []
    assert runs.start_due() == RegularRuns().start_due() == []
    assert taken(database) == [(Every(3600).latest(clock.now()), None)]
    assert tasks(database) == []


def test_a_slot_is_taken_and_its_task_sent(
    database: Database, timetable_of_one: list[timetable.Entry]
) -> None:
    entry = hourly()
    timetable_of_one.append(entry)
    taken_before(database, entry, HOUR)
    runs = RegularRuns()
    (task_id,) = runs.start_due()
    (task,) = tasks(database)
    slot = Every(3600).latest(clock.now())
    assert (task.id, task.kind, task.owner_id) == (task_id, TaskKind.STATISTICS.value, None)
    assert task.expires_at == slot + HOUR
    assert task.enqueued_at is not None
    assert taken(database)[-1] == (slot, task_id)
    assert runs.start_due() == RegularRuns().start_due() == []


def test_any_number_of_beats_start_a_slot_once(
    database: Database, timetable_of_one: list[timetable.Entry]
) -> None:
    names = [f"entry-{number}" for number in range(5)]
    timetable_of_one += [hourly(name) for name in names]
    for entry in timetable_of_one:
        taken_before(database, entry, HOUR)
    together = threading.Barrier(6)

    def look(_number: int) -> list[UUID]:
        runs = RegularRuns()
        together.wait()
        return runs.start_due()

    with ThreadPoolExecutor(6) as pool:
        started = [task_id for found in pool.map(look, range(6)) for task_id in found]
    assert len(started) == len(set(started)) == len(tasks(database)) == len(names)


def test_what_was_missed_is_caught_up_once(
    database: Database, timetable_of_one: list[timetable.Entry]
) -> None:
    """Beat was down for three days: of the slots that passed, the last is enough."""
    entry = hourly()
    timetable_of_one.append(entry)
    taken_before(database, entry, timedelta(days=3))
    assert len(RegularRuns().start_due()) == 1
    assert RegularRuns().start_due() == []
    assert len(tasks(database)) == 1


def test_what_comes_too_late_is_left_out(database: Database, timetable_of_one: list[timetable.Entry]) -> None:
    passed = clock.now() - 2 * HOUR
    entry = timetable.Entry(
        "daily", TaskKind.TRAIN_ALL, Cron(f"{passed.minute} {passed.hour} * * *"), useful_for=HOUR
    )
    timetable_of_one.append(entry)
    taken_before(database, entry, timedelta(days=2))
    assert RegularRuns().start_due() == []
    assert tasks(database) == []
    slot, task_id = taken(database)[-1]
    assert (slot, task_id) == (passed.replace(second=0, microsecond=0), None)


def test_another_rule_begins_anew(database: Database, timetable_of_one: list[timetable.Entry]) -> None:
    taken_before(database, hourly(), HOUR)
    timetable_of_one.append(timetable.Entry("hourly", TaskKind.STATISTICS, Every(1800)))
    assert RegularRuns().start_due() == []


def test_an_older_slot_is_not_started_after_a_newer_one(
    database: Database, timetable_of_one: list[timetable.Entry]
) -> None:
    """A Beat that was stopped for an hour goes on with what it had found due then."""
    entry = hourly()
    taken_before(database, entry, timedelta())
    stale = Every(3600).latest(clock.now() - HOUR)
    assert regular_runs._take(OfTimetable(entry), stale, clock.now()) is None
    assert tasks(database) == []


def test_slots_taken_by_a_clock_that_was_wrong_do_not_count(
    database: Database, timetable_of_one: list[timetable.Entry]
) -> None:
    entry = hourly()
    timetable_of_one.append(entry)
    taken_before(database, entry, HOUR)
    taken_before(database, entry, -timedelta(days=2))
    assert len(RegularRuns().start_due()) == 1


def test_a_clock_that_is_set_back_is_noticed(
    database: Database, timetable_of_one: list[timetable.Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = hourly()
    timetable_of_one.append(entry)
    taken_before(database, entry, HOUR)
    runs = RegularRuns()
    ahead = clock.now() + timedelta(days=30)
    with monkeypatch.context() as patch:
        patch.setattr(regular_runs.task_queries, "database_time", lambda _session: ahead)
        runs.start_due()
    assert len(tasks(database)) == 1
    # The slot that was taken in the future does not keep the present from being served.
    assert len(runs.start_due()) == 1


@pytest.fixture
def broker_away(database: Database) -> Iterator[None]:
    """A port where nobody listens in the broker's place."""
    settings = get_settings()
    queue.bind_queue(settings.model_copy(update={"celery_broker_url": "redis://127.0.0.1:1/0"}))
    queue.celery._after_fork()
    yield
    queue.bind_queue(settings)
    queue.celery._after_fork()


def test_without_a_broker_the_ledger_keeps_what_is_due(
    database: Database, timetable_of_one: list[timetable.Entry], broker_away: None
) -> None:
    entry = hourly()
    timetable_of_one.append(entry)
    taken_before(database, entry, HOUR)
    assert len(RegularRuns().start_due()) == 1
    (task,) = tasks(database)
    assert (task.status, task.enqueued_at) == (states.PENDING, None)
    queue.bind_queue(get_settings())
    queue.celery._after_fork()
    assert reconciler.reconcile()["sent"] == 1


def test_a_schedule_that_fails_does_not_hold_up_the_others(
    database: Database, timetable_of_one: list[timetable.Entry]
) -> None:
    broken = timetable.Entry("broken", TaskKind.STATISTICS, Cron("no cron text"))
    timetable_of_one += [broken, hourly()]
    taken_before(database, timetable_of_one[1], HOUR)
    runs = RegularRuns()
    assert len(runs.start_due()) == 1
    assert runs.start_due() == []


@pytest.fixture
def owner(database: Database) -> Principal:
    return factories.make_principal(database, Role.ANALYST)


def every_hour(owner: Principal, **values: object) -> int:
    given = {"name": "Every hour", "cron": "0 * * * *", "timezone": "UTC", "task": "train_all"}
    return schedules.create({**given, "parameters": {}, **values}, owner).id


def make_due(database: Database) -> None:
    """Bring all slots that were taken an hour forward, as if it had passed."""
    with database.transaction() as session:
        session.execute(update(ScheduleSlot).values(slot=ScheduleSlot.slot - HOUR))


def test_a_users_schedule_runs_for_its_owner(database: Database, owner: Principal) -> None:
    schedule_id = every_hour(owner)
    runs = RegularRuns()
    make_due(database)
    (task_id,) = runs.start_due()
    (task,) = tasks(database)
    assert (task.kind, task.owner_id, task.kwargs) == (TaskKind.TRAIN_ALL.value, owner.user_id, {})
    assert task.expires_at is not None
    assert task.expires_at - clock.now() < HOUR
    found = schedules.get(schedule_id, owner)
    assert (found.last_task_id, found.last_status) == (task_id, states.PENDING)
    assert found.last_run_at is not None


def test_a_new_schedule_waits_for_its_next_slot(database: Database, owner: Principal) -> None:
    every_hour(owner, cron="0 0 1 1 *")
    assert RegularRuns().start_due() == []
    (found,) = taken(database)
    assert found[1] is None


def test_pausing_changing_and_deleting_stop_a_schedule(database: Database, owner: Principal) -> None:
    paused, deleted, changed = every_hour(owner), every_hour(owner), every_hour(owner)
    make_due(database)
    schedules.pause(paused, owner)
    schedules.remove(deleted, owner)
    schedules.change(changed, {"cron": "0,30 * * * *"}, owner)
    assert RegularRuns().start_due() == []
    # What passed meanwhile is not made up for.
    assert schedules.resume(paused, owner).next_runs
    assert RegularRuns().start_due() == []


def test_a_schedule_paused_just_now_is_left_alone(database: Database, owner: Principal) -> None:
    """Beat has read the schedule before it was paused."""
    schedule_id = every_hour(owner)
    make_due(database)
    with database.reading() as session:
        (regular,) = regulars.all_of(regular_runs.schedule_queries.times(session))
    schedules.pause(schedule_id, owner)
    slot = regular.timing.latest(clock.now())
    assert slot is not None
    assert regular_runs._take(regular, slot, clock.now()) is None
    assert tasks(database) == []


@pytest.mark.parametrize(
    ("values", "words"),
    [({"is_active": False}, "deactivated"), ({"role": "clerk"}, "needs the role 'analyst'")],
)
def test_an_owner_who_may_not(
    database: Database, owner: Principal, values: dict[str, object], words: str
) -> None:
    schedule_id = every_hour(owner)
    make_due(database)
    with database.transaction() as session:
        session.execute(update(User).values(**values))
    assert RegularRuns().start_due() == []
    found = schedules.get(schedule_id, owner)
    assert words in (found.obstacle or "")
    assert found.next_runs == []
    with database.transaction() as session:
        session.execute(update(User).values(is_active=True, role="analyst"))
    # The slots that passed meanwhile are over.
    assert RegularRuns().start_due() == []


def test_a_task_of_another_version_is_not_started(database: Database, owner: Principal) -> None:
    schedule_id = every_hour(owner)
    make_due(database)
    with database.transaction() as session:
        session.execute(update(Schedule).values(kind="tasks.of_tomorrow.do"))
    assert RegularRuns().start_due() == []
    found = schedules.get(schedule_id, owner)
    assert (found.task, found.obstacle) == (
        "tasks.of_tomorrow.do",
        "This version has no task tasks.of_tomorrow.do.",
    )


def test_old_slots_are_forgotten(database: Database, timetable_of_one: list[timetable.Entry]) -> None:
    timetable_of_one.append(hourly())
    old = clock.now() - timedelta(days=9)
    with database.transaction() as session:
        for name in (OfTimetable(hourly()).slot_name, "gone"):
            for hours in (0, 1, 2):
                slots.take_slot(session, name, old + hours * HOUR, None)
        session.execute(update(ScheduleSlot).values(taken_at=old))
        slots.take_slot(session, "gone lately", clock.now(), None)
    assert regular_runs.forget_old_slots() == 5
    assert len(taken(database)) == 2


def test_looking_asks_little_while_nothing_is_due(database: Database, owner: Principal) -> None:
    values = {
        "owner_id": owner.user_id,
        "name": "Many",
        "kind": TaskKind.TRAIN_ALL.value,
        "cron": "0 0 1 1 *",
    }
    with database.transaction() as session:
        session.add_all(Schedule(**values) for _ in range(100))
    runs = RegularRuns()
    assert runs.start_due() == []
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    assert runs.start_due() == []
    assert len(asked) == 2, asked
