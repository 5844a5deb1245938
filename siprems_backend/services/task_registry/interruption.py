"""Ending a long statement of the database when its task is cancelled.

A body sees that it was cancelled when it reports. The merge of a large file is a few statements of many
seconds each, and waits for merges before it: meanwhile there is nothing to report.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from siprems_backend.errors import TaskCancelled
from siprems_backend.extensions.database import database
from siprems_backend.models import task_queries, task_sessions
from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.services.task_registry import fence

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 1.0


@contextmanager
def stoppable(session: Session) -> Iterator[None]:
    """While the block runs, cancelling the task also ends the statement its transaction is at.

    The transaction cannot go on after that. It ends as well if the task is taken from a worker that stands
    still or has vanished with its network: until the server noticed, others would wait for its locks.
    Outside of tasks this does nothing.

    Raises:
        TaskCancelled: the task was cancelled.
    """
    task_id, lease_id = fence.running_task(), fence.running_lease()
    if task_id is None or lease_id is None:
        yield
        return
    task_sessions.name(session, lease_id)
    # The driver's own call for this, made for other threads.
    stop = session.connection().connection.driver_connection.cancel  # type: ignore[union-attr]
    watch = _Watch(task_id, stop)
    try:
        yield
    except DBAPIError:
        if not watch.end():
            raise
    finally:
        stopped = watch.end()
    if stopped:
        raise TaskCancelled


class _Watch:
    """A thread that looks whether the task was cancelled, until it was or the work is done."""

    def __init__(self, task_id: UUID, stop: Callable[[], None]) -> None:
        self._task_id = task_id
        self._stop = stop
        self._done = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._look, name="interruption", daemon=True)
        self._thread.start()

    def end(self) -> bool:
        """Look no more; whether the statement was ended."""
        self._done.set()
        self._thread.join()
        return self._stopped

    def _look(self) -> None:
        while not self._done.wait(LOOK_EVERY_SECONDS):
            try:
                with database.reading() as session:
                    cancelled = task_queries.is_cancelled(session, self._task_id)
            except DATABASE_AWAY as error:
                log.warning("ledger_away", error=type(error).__name__)
                continue
            if cancelled:
                self._stopped = True
                self._stop()
                return
