"""What is to come: waiting tasks, and the next run of every regular one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from siprems_backend.services import schedules, task_registry, timetable
from siprems_backend.services.identity import Principal
from siprems_backend.services.schedule_views import next_runs, timing
from siprems_backend.services.task_registry.kinds import DELIVERY, TaskKind
from siprems_backend.utils import clock


def scheduled(caller: Principal) -> list[dict[str, Any]]:
    """Waiting tasks the caller may see, the oldest first, then the timetable by next run."""
    waiting: list[dict[str, Any]] = [
        {
            "task_id": task.task_id,
            "task_name": task.task_name,
            "eta": task.eta,
            "schedule": None,
            "queue": task.queue,
        }
        for task in task_registry.waiting(caller)
    ]
    regular = sorted([*_of_timetable(), *_of_users(caller)], key=lambda row: row["eta"])
    return waiting + regular


def _of_timetable() -> Iterator[dict[str, Any]]:
    now = clock.now()
    for entry in timetable.entries():
        following = entry.timing.following(now)
        if following is not None:
            yield _regular(entry.kind, following, f"{entry.name}: {entry.timing.text}")


def _of_users(caller: Principal) -> Iterator[dict[str, Any]]:
    """The next runs of the schedules the caller may see, unless they are paused or must not run."""
    for entry in schedules.running(caller):
        for following in next_runs(entry, 1):
            title = f"{entry.schedule.name}: {timing(entry.schedule).text}"
            yield _regular(TaskKind(entry.schedule.kind), following, title)


def _regular(kind: TaskKind, eta: datetime, title: str) -> dict[str, Any]:
    return {
        "task_id": None,
        "task_name": kind.value,
        "eta": eta,
        "schedule": title,
        "queue": DELIVERY[kind].queue.value,
    }
