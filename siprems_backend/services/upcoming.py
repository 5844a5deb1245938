"""What is to come: waiting tasks, and the next run of every regular one."""

from __future__ import annotations

from typing import Any

from siprems_backend.services import task_registry, timetable
from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry.kinds import DELIVERY
from siprems_backend.utils import clock


def scheduled(caller: Principal) -> list[dict[str, Any]]:
    """Waiting tasks the caller may see, the oldest first, then the timetable by next run."""
    waiting: list[dict[str, Any]] = [
        {
            "task_id": task.id,
            "task_name": task.kind,
            "eta": task.eta,
            "schedule": None,
            "queue": task.queue,
        }
        for task in task_registry.waiting(caller)
    ]
    now = clock.now()
    regular: list[dict[str, Any]] = [
        {
            "task_id": None,
            "task_name": entry.kind.value,
            "eta": entry.next_run(now),
            "schedule": f"{entry.name}: {entry.text}",
            "queue": DELIVERY[entry.kind].queue.value,
        }
        for entry in timetable.entries()
    ]
    return waiting + sorted(regular, key=lambda row: row["eta"])
