"""The one way a task changes its state: compare-and-swap, listeners, and an announcement after the commit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from siprems_backend.extensions.database import database
from siprems_backend.models import task_changes, task_queries
from siprems_backend.models.task_changes import Changed
from siprems_backend.services.task_registry import announcements, counting, states
from siprems_backend.utils import clock

Listener = Callable[[Session, Changed], None]
_listeners: list[Listener] = []
CHANGES = "task_changes"
AFTERWARDS = "after_commit"
CANCELLED = "Task was cancelled"


def when_ended(listener: Listener) -> Listener:
    """Declare what is to happen in the same transaction as the end of any task that somebody watches."""
    _listeners.append(listener)
    return listener


def after_commit(session: Session, step: Callable[[], None]) -> None:
    """Have something done once the listener's transaction is committed; the same step only once."""
    steps: list[Callable[[], None]] = session.info.setdefault(AFTERWARDS, [])
    if step not in steps:
        steps.append(step)


@contextmanager
def ledger() -> Iterator[Session]:
    """A transaction in the ledger; the changes made by `move` and `revoke_waiting` are announced after it."""
    with database.transaction() as session:
        changes: list[Changed] = session.info.setdefault(CHANGES, [])
        yield session
    counting.count(changes)
    announcements.publish(changes)
    for step in session.info.get(AFTERWARDS, ()):
        step()


def move(
    session: Session,
    task_id: UUID,
    from_statuses: Collection[str],
    values: dict[str, Any],
    *,
    lease_id: UUID | None = None,
    unhurried: bool = False,
) -> bool:
    """Change a row if it is in one of these states (and still leased to the caller); whether it was."""
    changed = task_changes.change(
        session, task_id, from_statuses, values, lease_id=lease_id, unhurried=unhurried
    )
    if changed is None:
        return False
    note(session, [changed])
    return True


def revoke_waiting(session: Session, condition: Any, message: str = CANCELLED) -> list[UUID]:
    """End tasks that nobody has started; their ids."""
    revoked = task_queries.revoke_waiting(session, condition, clock.now(), message)
    note(session, revoked)
    return [changed.id for changed in revoked]


def note(session: Session, changes: Collection[Changed]) -> None:
    """Tell the listeners of ended tasks that are watched, and remember what to announce."""
    for changed in changes:
        if changed.watched and changed.status in states.TERMINAL:
            for listener in _listeners:
                listener(session, changed)
    session.info.setdefault(CHANGES, []).extend(changes)
