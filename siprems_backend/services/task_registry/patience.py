"""Waiting for a task, for as long as a client can be kept waiting."""

from __future__ import annotations

import time
from uuid import UUID

from siprems_backend.services.identity import Principal
from siprems_backend.services.task_registry import states, views

LOOK_EVERY_SECONDS = 0.1


def finishes_within(seconds: float, task_id: UUID, caller: Principal) -> bool:
    """Whether the task has ended, well or badly, before so many seconds are over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if views.get(task_id, caller).status in states.TERMINAL:
            return True
        time.sleep(LOOK_EVERY_SECONDS)
    return False
