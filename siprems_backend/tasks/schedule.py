"""Queues, routes and Beat's entries in Celery's words."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab, schedule
from kombu import Queue

from siprems_backend.extensions.queue import MOST_URGENT
from siprems_backend.services import timetable
from siprems_backend.services.task_registry.kinds import DELIVERY
from siprems_backend.services.task_registry.kinds import Queue as QueueName

QUEUES = tuple(Queue(name.value) for name in QueueName)
ROUTES = {
    kind.value: {"queue": delivery.queue.value, "priority": MOST_URGENT - delivery.priority}
    for kind, delivery in DELIVERY.items()
}


def beat_schedule() -> dict[str, dict[str, Any]]:
    """The timetable as Beat takes it."""
    return {entry.name: _beat_entry(entry) for entry in timetable.entries()}


def _beat_entry(entry: timetable.Entry) -> dict[str, Any]:
    when = crontab.from_string(entry.cron) if entry.cron else schedule(run_every=entry.every_s)
    options: dict[str, Any] = dict(ROUTES[entry.kind.value])
    if entry.expires_s is not None:
        options["expires"] = entry.expires_s
    return {"task": entry.kind.value, "schedule": when, "options": options}
