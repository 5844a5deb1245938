"""Waiting for a task on behalf of a client, without every thread of the web process doing so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from siprems_backend import errors
from siprems_backend.config import get_settings
from siprems_backend.errors import Conflict, ServiceError
from siprems_backend.models.tasks import Task
from siprems_backend.services import task_registry
from siprems_backend.services.identity import Principal
from siprems_backend.services.pipelines.problems import NodeFailed
from siprems_backend.services.task_registry import Submitted, states
from siprems_backend.services.tool_runner.failures import ToolFailed

# Errors of tasks beyond those that every part of the backend knows.
OURS = {kind.__name__: kind for kind in (NodeFailed, ToolFailed)}


class _Room:
    """Half of the threads of a web process may wait; the others serve whoever comes meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting = 0

    @contextmanager
    def seat(self) -> Iterator[bool]:
        """Whether there was room to wait."""
        with self._lock:
            free = self._waiting < max(1, get_settings().web_threads // 2)
            self._waiting += free
        try:
            yield free
        finally:
            with self._lock:
                self._waiting -= free


_room = _Room()


def patience_seconds() -> float:
    """For how long a client is kept waiting."""
    return get_settings().pipeline_wait_seconds


def result_of(submitted: Submitted, caller: Principal) -> dict[str, Any] | None:
    """The result of a task if it ends within PIPELINE_WAIT_SECONDS; None if it does not or too many wait.

    Raises:
        ServiceError: what the task failed with, as its own answer.
    """
    if not submitted.queued:
        return None
    with _room.seat() as free:
        seconds = patience_seconds() if free else 0
        if not task_registry.finishes_within(seconds, submitted.task_id, caller):
            return None
    task = task_registry.get(submitted.task_id, caller)
    if task.status == states.SUCCESS:
        return dict(task.result or {})
    raise _error_of(task)


def _error_of(task: Task) -> ServiceError:
    if task.status == states.REVOKED:
        return Conflict("The task was cancelled.", code="task_cancelled")
    told = task.error or {}
    message = str(told.get("message") or task.message)
    known = {**vars(errors), **OURS}.get(str(told.get("type")))
    if isinstance(known, type) and issubclass(known, ServiceError):
        return known(message, code=told.get("code"), fields=told.get("fields"))
    return ServiceError(f"{message} See the task {task.id}.", code="task_failed")
