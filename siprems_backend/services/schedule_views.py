"""A user's schedule as its owner sees it, and when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from siprems_backend.models.schedule_queries import Entry, Times
from siprems_backend.models.schedules import Schedule
from siprems_backend.services import schedule_actions
from siprems_backend.services.schedule_actions import ACTIONS
from siprems_backend.services.timing import Cron, slots_after
from siprems_backend.utils import clock

RUNS_SHOWN = 3


@dataclass(frozen=True)
class ScheduleView:
    """A schedule; `obstacle` says why it does not run although it is not paused."""

    id: int
    name: str
    owner: int
    task: str
    parameters: Mapping[str, Any]
    cron: str
    timezone: str
    paused: bool
    obstacle: str | None
    next_runs: list[datetime]
    last_run_at: datetime | None
    last_task_id: UUID | None
    last_status: str | None
    created_at: datetime
    updated_at: datetime


def view(entry: Entry) -> ScheduleView:
    """The schedule with what follows from its row, its owner and its last task."""
    schedule, owner, last_status = entry
    name = schedule_actions.name_of(schedule.kind, schedule.kwargs)
    return ScheduleView(
        id=schedule.id,
        name=schedule.name,
        owner=owner.id,
        task=name or schedule.kind,
        parameters=ACTIONS[name].parameters(schedule.kwargs) if name else schedule.kwargs,
        cron=schedule.cron,
        timezone=schedule.timezone,
        paused=schedule.paused,
        obstacle=schedule_actions.obstacle(schedule.kind, schedule.kwargs, owner),
        next_runs=next_runs(entry, RUNS_SHOWN),
        last_run_at=schedule.last_run_at,
        last_task_id=schedule.last_task_id,
        last_status=last_status,
        created_at=schedule.created_at,
        updated_at=schedule.updated_at,
    )


def next_runs(entry: Entry, count: int) -> list[datetime]:
    """The next runs of a schedule; none if it is paused or must not run."""
    schedule, owner, _ = entry
    if schedule.paused or schedule_actions.obstacle(schedule.kind, schedule.kwargs, owner):
        return []
    return list(islice(slots_after(timing(schedule), clock.now()), count))


def timing(schedule: Schedule | Times) -> Cron:
    """The rule of a schedule's slots."""
    return Cron(schedule.cron, ZoneInfo(schedule.timezone))


def slot_name(schedule: Schedule | Times) -> str:
    """The name of a schedule's slots: with other times it has other slots."""
    return f"user:{schedule.id} {schedule.cron} {schedule.timezone}"
