"""The users' own schedules: what runs when, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy.orm import Session

from siprems_backend.errors import Conflict, Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, schedule_queries, user_queries
from siprems_backend.models import schedules as slots
from siprems_backend.models.schedule_queries import Entry
from siprems_backend.models.schedules import Schedule
from siprems_backend.models.users import User
from siprems_backend.services import schedule_actions, task_registry
from siprems_backend.services.identity import Principal
from siprems_backend.services.schedule_actions import ACTIONS
from siprems_backend.services.schedule_views import ScheduleView, slot_name, timing, view
from siprems_backend.services.task_registry import Submitted, TaskKind
from siprems_backend.services.timing import parse_cron
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import Page, PageRequest
from siprems_backend.utils.roles import Role

MOST_SCHEDULES = 50
MOST_SHOWN = 500


def listing(request: PageRequest, caller: Principal, owner: int | None = None) -> Page[ScheduleView]:
    """A page of the caller's schedules; operators see everybody's, or those of an `owner`."""
    scope = owner if caller.may(Role.OPERATOR) else caller.user_id
    with database.reading() as session:
        found = schedule_queries.page(session, request, scope)
    return Page([view(entry) for entry in found.items], found.page, found.page_size, found.total)


def running(caller: Principal) -> Sequence[Entry]:
    """The schedules the caller may see that are not paused."""
    scope = None if caller.may(Role.OPERATOR) else caller.user_id
    with database.reading() as session:
        return schedule_queries.unpaused(session, scope, MOST_SHOWN)


def get(schedule_id: int, caller: Principal) -> ScheduleView:
    """One schedule.

    Raises:
        NotFound: there is none, or not the caller's.
    """
    with database.reading() as session:
        return view(_visible(session, schedule_id, caller))


def create(values: Mapping[str, Any], caller: Principal) -> ScheduleView:
    """Add a schedule for the caller; it runs from its next slot on.

    Raises:
        Invalid: cron text, time zone or parameters make no sense.
        NotFound: no such product.
        Conflict: the caller has as many schedules as one may have.
    """
    columns = _columns(values, caller)
    with database.transaction() as session:
        # One after the other, so that the limit holds.
        user_queries.by_id(session, caller.user_id, lock=True)
        if schedule_queries.count(session, caller.user_id) >= MOST_SCHEDULES:
            problem = f"You have {MOST_SCHEDULES} schedules already; delete one first."
            raise Conflict(problem, code="too_many_schedules")
        schedule = schedule_queries.add(session, {**columns, "owner_id": caller.user_id})
        _begin_now(session, schedule)
        _record(session, "created", schedule.id, caller, {"name": schedule.name, "cron": schedule.cron})
    return get(schedule.id, caller)


def change(schedule_id: int, values: Mapping[str, Any], caller: Principal) -> ScheduleView:
    """Change some fields of a schedule.

    Raises:
        NotFound: there is no such schedule, not the caller's, or no such product.
        Invalid: the new values make no sense.
    """
    with database.reading() as session:
        owner = _principal(_visible(session, schedule_id, caller).owner)
    columns = _columns(values, owner)
    with database.transaction() as session:
        schedule = _visible(session, schedule_id, caller, lock=True).schedule
        for name, value in columns.items():
            setattr(schedule, name, value)
        schedule.updated_at = clock.now()
        if {"cron", "timezone"} & set(columns):
            _begin_now(session, schedule)
        _record(session, "changed", schedule_id, caller, {"fields": sorted(values)})
    return get(schedule_id, caller)


def remove(schedule_id: int, caller: Principal) -> None:
    """Delete a schedule; tasks that it started go on.

    Raises:
        NotFound: there is none, or not the caller's.
    """
    with database.transaction() as session:
        schedule = _visible(session, schedule_id, caller, lock=True).schedule
        session.delete(schedule)
        _record(session, "deleted", schedule_id, caller, {"name": schedule.name})


def pause(schedule_id: int, caller: Principal) -> ScheduleView:
    """Start nothing by this schedule until it is resumed.

    Raises:
        NotFound: there is none, or not the caller's.
    """
    return _set_paused(schedule_id, caller, paused=True)


def resume(schedule_id: int, caller: Principal) -> ScheduleView:
    """Follow the schedule again, from its next slot on.

    Raises:
        NotFound: there is none, or not the caller's.
    """
    return _set_paused(schedule_id, caller, paused=False)


def run_now(schedule_id: int, caller: Principal, *, idempotency_key: str | None = None) -> Submitted:
    """Start the schedule's task now, for its owner; the slots stay as they are.

    Raises:
        NotFound: there is no such schedule, or not the caller's.
        Conflict: it must not run.
        Invalid: the idempotency key is malformed, or was used for another task.
    """
    with database.reading() as session:
        schedule, owner, _ = _visible(session, schedule_id, caller)
        obstacle = schedule_actions.obstacle(schedule.kind, schedule.kwargs, owner)
        if obstacle is not None:
            raise Conflict(f"The schedule must not run. {obstacle}", code="schedule_blocked")
        kwargs = schedule_actions.arguments_now(session, schedule.kind, schedule.kwargs)
    submitted = task_registry.submit(
        TaskKind(schedule.kind), kwargs, owner=_principal(owner), idempotency_key=idempotency_key
    )
    if not submitted.replayed:
        with database.transaction() as session:
            schedule_queries.note_run(session, schedule_id, submitted.task_id, clock.now())
            _record(session, "run", schedule_id, caller, {"task_id": str(submitted.task_id)})
    return submitted


def _set_paused(schedule_id: int, caller: Principal, *, paused: bool) -> ScheduleView:
    with database.transaction() as session:
        schedule = _visible(session, schedule_id, caller, lock=True).schedule
        if schedule.paused != paused:
            schedule.paused = paused
            schedule.updated_at = clock.now()
            _record(session, "paused" if paused else "resumed", schedule_id, caller, {})
            if not paused:
                _begin_now(session, schedule)
    return get(schedule_id, caller)


def _begin_now(session: Session, schedule: Schedule) -> None:
    """Take the slot that has passed, so that only what is still to come starts a task."""
    passed = timing(schedule).latest(clock.now())
    if passed is not None:
        slots.take_slot(session, slot_name(schedule), passed, None)


def _columns(values: Mapping[str, Any], owner: Principal) -> dict[str, Any]:
    """Columns of a schedule from the fields that were given."""
    columns = {name: values[name] for name in ("name",) if name in values}
    if "cron" in values:
        columns["cron"] = _cron(values["cron"])
    if "timezone" in values:
        columns["timezone"] = _known_zone(values["timezone"])
    if "task" in values:
        action = ACTIONS[values["task"]]
        columns["kind"] = action.kind.value
        columns["kwargs"] = action.arguments(values["parameters"], owner)
    return columns


def _cron(text: str) -> str:
    try:
        return parse_cron(text, clock.now())
    except ValueError as error:
        raise Invalid(str(error), code="invalid_cron", fields={"cron": [str(error)]}) from None


def _known_zone(name: str) -> str:
    if name not in _zones():
        problem = f"There is no time zone '{name}'; names are such as UTC, Europe/Berlin or Asia/Kathmandu."
        raise Invalid(problem, code="unknown_timezone", fields={"timezone": [problem]})
    return name


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """Looking for them reads a folder."""
    return frozenset(available_timezones())


def _visible(session: Session, schedule_id: int, caller: Principal, *, lock: bool = False) -> Entry:
    entry = schedule_queries.by_id(session, schedule_id, lock=lock)
    if entry is None or (entry.owner.id != caller.user_id and not caller.may(Role.OPERATOR)):
        raise NotFound(f"No schedule with id {schedule_id}.", code="schedule_not_found")
    return entry


def _principal(owner: User) -> Principal:
    return Principal(owner.id, owner.email, Role(owner.role))


def _record(
    session: Session, action: str, schedule_id: int, caller: Principal, details: Mapping[str, Any]
) -> None:
    target = str(schedule_id)
    audit.record(session, f"schedule.{action}", user_id=caller.user_id, target=target, details=details)
