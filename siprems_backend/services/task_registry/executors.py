"""Who runs tasks at the moment: Celery's workers, or the web processes themselves where there are none."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

import structlog

from siprems_backend.config import get_settings
from siprems_backend.extensions.database import database
from siprems_backend.models import workers
from siprems_backend.services.availability import DATABASE_AWAY
from siprems_backend.services.worker_registry import CELERY, LOCAL
from siprems_backend.utils import clock

log = structlog.get_logger(__name__)

# A worker that is being replaced is missed for seconds; the web processes wait longer before they step in.
MISSED_AFTER = timedelta(seconds=20)
LOOK_EVERY_SECONDS = 2.0


class _Choice:
    """Celery or local, looked up now and then: every submit and every local executor asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chosen = CELERY
        self._looked_at = -LOOK_EVERY_SECONDS
        self._first_asked: datetime | None = None

    def current(self) -> str:
        mode = get_settings().execution_mode
        if mode != "auto":
            return mode
        with self._lock:
            if time.monotonic() - self._looked_at >= LOOK_EVERY_SECONDS:
                self._chosen = self._look()
                self._looked_at = time.monotonic()
            return self._chosen

    def _look(self) -> str:
        now = clock.now()
        self._first_asked = self._first_asked or now
        try:
            with database.reading() as session:
                lives = workers.any_alive(session, CELERY, now - MISSED_AFTER)
        except DATABASE_AWAY:
            return self._chosen
        # Workers that start together with the web processes need a moment to show themselves.
        chosen = CELERY if lives or now - self._first_asked < MISSED_AFTER else LOCAL
        if chosen != self._chosen:
            log.warning("tasks_run_elsewhere", executor=chosen)
        return chosen


_choice = _Choice()


def current() -> str:
    """`celery` or `local`: who runs what is submitted now.

    With `EXECUTION_MODE=auto` the web processes run tasks when no Celery worker has shown itself for a while.
    """
    return _choice.current()
