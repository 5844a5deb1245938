"""Counting what happens to tasks, for monitoring."""

from __future__ import annotations

from collections.abc import Collection

from siprems_backend.extensions.metrics import (
    TASK_DURATION,
    TASK_LOSSES,
    TASK_RETRIES,
    TASK_WAITING,
    TASKS_ENDED,
    TASKS_STARTED,
)
from siprems_backend.models.task_changes import Changed
from siprems_backend.models.task_steps import Taken
from siprems_backend.services.task_registry import states


def count(changes: Collection[Changed]) -> None:
    """Count changes that are committed: ends, with how long the task took, and attempts to be repeated."""
    for changed in changes:
        if changed.status in states.TERMINAL:
            _ended(changed)
        elif changed.status == states.RETRY:
            TASK_RETRIES.labels(changed.kind).inc()


def count_start(taken: Taken) -> None:
    """Count an attempt; the first tells how long the task has waited."""
    change = taken.change
    TASKS_STARTED.labels(change.kind).inc()
    if taken.attempts == 1 and change.started_at is not None:
        seconds = (change.started_at - taken.created_at).total_seconds()
        TASK_WAITING.labels(change.kind).observe(max(0.0, seconds))


def count_loss(kind: str) -> None:
    """Count a task that was taken back from a worker."""
    TASK_LOSSES.labels(kind).inc()


def _ended(changed: Changed) -> None:
    TASKS_ENDED.labels(changed.kind, changed.status).inc()
    if changed.started_at is not None and changed.finished_at is not None:
        seconds = (changed.finished_at - changed.started_at).total_seconds()
        TASK_DURATION.labels(changed.kind).observe(max(0.0, seconds))
