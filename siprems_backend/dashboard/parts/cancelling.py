"""Stopping a task, wherever its button stands."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from siprems_backend.dashboard.caller import caller
from siprems_backend.dashboard.language import say
from siprems_backend.dashboard.problems import notify
from siprems_backend.services import task_registry


def cancel_pressed(press: Mapping[str, str]) -> None:
    """Cancel the task that a button carries, and say what that comes to in the reader's language."""
    message = task_registry.cancel(UUID(press["value"]), caller())
    stopping = message.startswith("Task will stop")
    notify(say("tasks.stopping" if stopping else "tasks.cancelled"))
