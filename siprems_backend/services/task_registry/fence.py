"""Fencing: what a task leaves behind is committed only while the task is still its worker's.

A worker that was stopped past its lease may wake up beside the one that took its task over. Its progress and
its end are refused by the ledger; with this, so are its effects.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from sqlalchemy.orm import Session

from siprems_backend.errors import TaskCancelled
from siprems_backend.models import task_queries
from siprems_backend.services.task_registry.lifecycle import Claim

_held: ContextVar[Claim | None] = ContextVar("held", default=None)


@contextmanager
def holding(held: Claim) -> Iterator[None]:
    """Make this the task whose effects the block writes."""
    token = _held.set(held)
    try:
        yield
    finally:
        _held.reset(token)


def running_task() -> UUID | None:
    """The task that is being run here; None outside of tasks."""
    held = _held.get()
    return None if held is None else held.task_id


def running_lease() -> UUID | None:
    """The lease of the task that is being run here; None outside of tasks."""
    held = _held.get()
    return None if held is None else held.lease_id


def require_lease(session: Session) -> None:
    """Make this transaction fail unless the running task is still ours; outside of tasks, do nothing.

    Raises:
        TaskCancelled: somebody else has taken the task.
    """
    held = _held.get()
    if held is not None and not task_queries.held(session, held.task_id, held.lease_id):
        raise TaskCancelled
